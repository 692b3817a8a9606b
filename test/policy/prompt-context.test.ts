import { promptContext } from '../../src/policy/prompt-context';
import { SearchTree } from '../../src/policy/search-tree';

describe('prompt context', () => {
  it('names siblings (also in flight), best, recent, failed and ancestors', () => {
    const tree = new SearchTree('maximize');
    tree.dispatch(1, 'draft', null);
    tree.complete(1, { status: 'working', metric: 1 });
    tree.dispatch(2, 'improve', 1);
    tree.complete(2, { status: 'failed', reason: 'exception' });
    tree.dispatch(3, 'debug', 2);
    tree.complete(3, { status: 'working', metric: 2 });
    tree.dispatch(4, 'improve', 3);
    tree.dispatch(5, 'improve', 3);
    expect(promptContext(tree, tree.node(5), [2, 3])).toEqual({
      siblings: [4],
      best: [3, 1],
      recent: [2, 3],
      failed: [2],
      ancestors: [3, 2, 1],
      pruned: [],
    });
  });

  it('does not lose the only failure of a kind among many of another', () => {
    const tree = new SearchTree('maximize');
    for (let id = 1; id <= 40; id += 1) {
      tree.dispatch(id, 'draft', null);
      const reason = id === 3 ? 'out_of_memory' : id === 20 ? 'no_code' : 'timeout';
      tree.complete(id, { status: 'failed', reason });
    }
    tree.dispatch(41, 'draft', null);
    expect(promptContext(tree, tree.node(41), []).failed).toEqual([3, 20, 35, 36, 37, 38, 39, 40]);
  });

  it('stays bounded however large the tree is', () => {
    const size = (nodes: number): number => {
      const tree = new SearchTree('maximize');
      const recorded: number[] = [];
      for (let id = 1; id <= nodes; id += 1) {
        tree.dispatch(id, 'draft', null);
        if (id % 3 === 0) tree.complete(id, { status: 'failed', reason: 'timeout' });
        else tree.complete(id, { status: 'working', metric: id });
        recorded.push(id);
      }
      tree.dispatch(nodes + 1, 'draft', null);
      return Object.values(promptContext(tree, tree.node(nodes + 1), recorded)).flat().length;
    };
    expect(size(5000)).toBe(size(100));
  });

  it('of a replayed node names what is there of its ancestors', () => {
    const tree = new SearchTree('maximize');
    tree.place({ id: 2, operator: 'improve', parent: 5 });
    expect(promptContext(tree, tree.node(2), []).ancestors).toEqual([5]);
  });
});
