import { SearchTree } from '../../src/policy/search-tree';
import { selectionCandidates } from '../../src/policy/selection-candidates';
import type { SelectionPlan } from '../../src/policy/selection-reserve';
import { selectionReserveMs } from '../../src/policy/selection-reserve';

function treeOf(scores: readonly (number | null)[]): SearchTree {
  const tree = new SearchTree('minimize');
  scores.forEach((metric, index) => {
    tree.dispatch(index + 1, 'draft', null);
    if (metric === null) tree.complete(index + 1, { status: 'failed', reason: 'exception' });
    else tree.complete(index + 1, { status: 'working', metric });
  });
  return tree;
}

describe('the nodes for the final selection', () => {
  it('are the five best by search score, the older first where scores are equal', () => {
    const tree = treeOf([5, null, 3, 5, 9, 1, 7]);
    expect(selectionCandidates(tree).map(({ id }) => id)).toEqual([6, 3, 1, 4, 7]);
  });

  it('carry the doubts that the whole tree gives now', () => {
    const suspicious = treeOf([100, 101, 99, 102, 98, 1]);
    expect(selectionCandidates(suspicious).map(({ id, marks }) => [id, marks.length])[0]).toEqual([6, 1]);
    const confirmed = treeOf([100, 101, 99, 102, 98, 1, 1.1]);
    expect(selectionCandidates(confirmed).every(({ marks }) => marks.length === 0)).toBe(true);
  });
});

describe('the time kept back for the final selection', () => {
  const plan: SelectionPlan = {
    evaluation: 'holdout',
    canRefit: true,
    candidates: 5,
    reruns: 0,
    parallel: 4,
    bestSeconds: 10,
    totalMs: 1_000_000,
  };

  it.each<[string, Partial<SelectionPlan>, number]>([
    ['half as much again as the best script took, for its run on all the data', {}, 15_000],
    ['as many scripts in a row as the reruns need', { evaluation: 'reported', reruns: 3 }, 60_000],
    ['at most a fifth of the run', { bestSeconds: 500 }, 200_000],
    ['nothing without a limit of time', { totalMs: null }, 0],
    ['nothing before a node works', { candidates: 0 }, 0],
    ['nothing where nothing is run again', { evaluation: 'reported' }, 0],
    ['nothing where the winner cannot run on all the data', { canRefit: false }, 0],
    ['nothing with an evaluator of the task itself', { evaluation: 'command', reruns: 3 }, 0],
  ])('is %s', (_, change, expected) => {
    expect(selectionReserveMs({ ...plan, ...change })).toBe(expected);
  });
});
