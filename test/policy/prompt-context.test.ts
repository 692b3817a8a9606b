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
    expect(promptContext(tree, tree.node(5))).toEqual({
      siblings: [4],
      best: [3, 1],
      recent: [1, 2, 3],
      failed: [2],
      ancestors: [3, 2, 1],
    });
  });

  it('stays bounded however large the tree is', () => {
    const size = (nodes: number): number => {
      const tree = new SearchTree('maximize');
      for (let id = 1; id <= nodes; id += 1) {
        tree.dispatch(id, 'draft', null);
        if (id % 3 === 0) tree.complete(id, { status: 'failed', reason: 'timeout' });
        else tree.complete(id, { status: 'working', metric: id });
      }
      tree.dispatch(nodes + 1, 'draft', null);
      return Object.values(promptContext(tree, tree.node(nodes + 1))).flat().length;
    };
    expect(size(5000)).toBe(size(100));
  });
});
