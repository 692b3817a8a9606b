import { SearchTree } from '../../src/policy/search-tree';
import { treeColumnsSchema } from '../../src/domain/tree-columns';

function grown(): SearchTree {
  const tree = new SearchTree('minimize');
  tree.dispatch(1, 'draft', null);
  tree.dispatch(2, 'draft', null);
  tree.complete(2, { status: 'working', metric: 0.25 });
  tree.dispatch(3, 'improve', 2);
  tree.complete(1, { status: 'failed', reason: 'out_of_memory' });
  tree.dispatch(4, 'debug', 1);
  tree.complete(3, { status: 'working', metric: 0.125 });
  return tree;
}

describe('search tree', () => {
  it('survives its columns and JSON unchanged, what is in flight included', () => {
    const tree = grown();
    const columns = treeColumnsSchema.parse(JSON.parse(JSON.stringify(tree.toColumns())));
    const again = new SearchTree('minimize', columns);
    expect(again.all()).toEqual(tree.all());
    expect(again.best).toEqual({ id: 3, metric: 0.125 });
    expect(again.counts()).toEqual({ working: 2, failed: 1, inFlight: 1 });
    expect(again.childCount(1)).toBeGreaterThan(0);
    expect(again.nextId()).toBe(5);
  });

  it('gives the next decision the id of a hole first', () => {
    const columns = { parents: [0, 0, 1], operators: 'd-i', outcomes: 'w-w', metrics: [1, null, 2] };
    const tree = new SearchTree('maximize', columns);
    expect(tree.nextId()).toBe(2);
    tree.dispatch(2, 'draft', null);
    expect(tree.nextId()).toBe(4);
    expect(tree.best).toEqual({ id: 3, metric: 2 });
  });

  it('keeps the lowest id as best among equal scores, whatever the order', () => {
    const tree = new SearchTree('maximize');
    tree.dispatch(1, 'draft', null);
    tree.dispatch(2, 'draft', null);
    tree.complete(2, { status: 'working', metric: 1 });
    tree.complete(1, { status: 'working', metric: 1 });
    expect(tree.best?.id).toBe(1);
  });

  it.each([NaN, Infinity, -Infinity])('refuses the score %s', (metric) => {
    const tree = new SearchTree('maximize');
    tree.dispatch(1, 'draft', null);
    expect(() => tree.complete(1, { status: 'working', metric })).toThrow('no finite score');
    expect(tree.counts()).toEqual({ working: 0, failed: 0, inFlight: 1 });
  });

  it('refuses a second outcome, an id out of turn and an unfinished parent', () => {
    const tree = grown();
    expect(() => tree.complete(1, { status: 'working', metric: 1 })).toThrow('already failed');
    expect(() => tree.dispatch(9, 'draft', null)).toThrow('the next id is 5');
    expect(() => tree.dispatch(5, 'improve', 4)).toThrow('parent 4 is not finished');
  });

  it('takes nodes whose place is given: out of turn, and before their parents', () => {
    const tree = grown();
    tree.place({ id: 7, operator: 'improve', parent: 8 });
    tree.place({ id: 5, operator: 'debug', parent: 4 });
    expect(tree.all().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 7]);
    expect([tree.nextId(), tree.childCount(8), tree.childCount(null)]).toEqual([6, 1, 2]);
    expect(() => tree.place({ id: 5, operator: 'draft', parent: null })).toThrow('node 5 is in the tree already');
  });

  it('counts repairs in a row as debug depth', () => {
    const tree = grown();
    tree.complete(4, { status: 'failed', reason: 'exception' });
    tree.dispatch(5, 'debug', 4);
    expect([1, 3, 4, 5].map((id) => tree.debugDepth(id))).toEqual([0, 0, 1, 2]);
  });

  it('needs at most 60 bytes a node', () => {
    const tree = new SearchTree('minimize');
    for (let id = 1; id <= 5000; id += 1) {
      tree.dispatch(id, id === 1 ? 'draft' : 'improve', id === 1 ? null : id - 1);
      tree.complete(id, { status: 'working', metric: -Math.PI * id * 1e-7 });
    }
    expect(JSON.stringify(tree.toColumns()).length / 5000).toBeLessThan(60);
  });
});
