import fc from 'fast-check';
import type { GreedyPolicySpec } from '../../src/domain/run-spec';
import { bestFirst } from '../../src/policy/best-first';
import { decideGreedily } from '../../src/policy/greedy';
import { Hints, NO_HINTS } from '../../src/policy/hints';
import { promptContext } from '../../src/policy/prompt-context';
import { randomStream } from '../../src/policy/random-stream';
import { SearchTree } from '../../src/policy/search-tree';
import { selectionCandidates } from '../../src/policy/selection-candidates';

const POLICY: GreedyPolicySpec = { name: 'greedy', numDrafts: 2, debugProbability: 0.5, maxDebugDepth: 3 };
const DEBUG_COIN = { chance: () => 0, pick: <Item>(items: readonly Item[]) => items[0] ?? null };
const IMPROVE_COIN = { ...DEBUG_COIN, chance: () => 0.99 };

/** 1 (9) ← 3 (1, suspiciously good) ← 4 (failed), 5 (in flight); 2 (8) ← 6 (7). */
function grown(): SearchTree {
  const tree = new SearchTree('minimize');
  const working = (id: number, parent: number | null, metric: number): void => {
    tree.dispatch(id, parent === null ? 'draft' : 'improve', parent);
    tree.complete(id, { status: 'working', metric });
  };
  working(1, null, 9);
  working(2, null, 8);
  working(3, 1, 1);
  tree.dispatch(4, 'improve', 3);
  tree.complete(4, { status: 'failed', reason: 'exception' });
  tree.dispatch(5, 'improve', 3);
  working(6, 2, 7);
  return tree;
}

describe('pruning', () => {
  it('takes a node with all its descendants out of the best, selection, prompts and choices, and gives them back', () => {
    const tree = grown();
    expect([tree.best?.id, decideGreedily(tree, DEBUG_COIN, POLICY)]).toEqual([3, { operator: 'debug', parent: 4 }]);
    tree.prune(3);
    expect(tree.best).toEqual({ id: 6, metric: 7 });
    expect(bestFirst(tree).map(({ id }) => id)).toEqual([6, 2, 1]);
    expect(selectionCandidates(tree).map(({ id }) => id)).toEqual([6, 2, 1]);
    expect([3, 4, 5, 1, 6].map((id) => tree.isPruned(id))).toEqual([true, true, true, false, false]);
    expect(decideGreedily(tree, DEBUG_COIN, POLICY)).toEqual({ operator: 'improve', parent: 6 });
    const context = promptContext(tree, tree.node(6), [3, 4, 6]);
    expect(context).toMatchObject({ best: [6, 2, 1], recent: [3, 4, 6], failed: [4], pruned: [3, 4] });
    tree.restore(3);
    expect([tree.best?.id, decideGreedily(tree, DEBUG_COIN, POLICY)]).toEqual([3, { operator: 'debug', parent: 4 }]);
  });

  it('lets what is in flight below end without becoming the best, and what is begun below, too', () => {
    const tree = grown();
    tree.prune(1);
    tree.complete(5, { status: 'working', metric: 0 });
    tree.dispatch(7, 'inject', 3);
    tree.complete(7, { status: 'working', metric: -1 });
    expect(tree.best).toEqual({ id: 6, metric: 7 });
    expect(tree.counts()).toEqual({ working: 6, failed: 1, inFlight: 0 });
  });

  it('has no best when everything is pruned, and drafts again in the place of pruned drafts', () => {
    const tree = grown();
    tree.prune(1);
    expect(decideGreedily(tree, IMPROVE_COIN, POLICY)).toEqual({ operator: 'draft', parent: null });
    tree.prune(2);
    expect([tree.best, selectionCandidates(tree)]).toEqual([null, []]);
  });

  it('repairs a failed node again whose repair was pruned', () => {
    const tree = new SearchTree('minimize');
    tree.dispatch(1, 'draft', null);
    tree.complete(1, { status: 'failed', reason: 'exception' });
    tree.dispatch(2, 'debug', 1);
    tree.complete(2, { status: 'working', metric: 1 });
    const one = { ...POLICY, numDrafts: 1 };
    expect(decideGreedily(tree, DEBUG_COIN, one)).toEqual({ operator: 'improve', parent: 2 });
    tree.prune(2);
    expect(decideGreedily(tree, DEBUG_COIN, one)).toEqual({ operator: 'debug', parent: 1 });
  });

  it('survives columns; a pruned node that was lost meanwhile is forgotten with what was pruned', () => {
    const tree = grown();
    tree.prune(3);
    const again = new SearchTree('minimize', tree.toColumns(), [...tree.pruned, 99]);
    expect([again.pruned, again.best, again.live()]).toEqual([[3], tree.best, tree.live()]);
  });

  it('never goes on from a pruned node, whatever is pruned and when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.nat({ max: 30 }), { maxLength: 8 }),
        (seed, prunes) => {
          const tree = new SearchTree('maximize');
          for (let id = 1; id <= 30; id += 1) {
            const { operator, parent } = decideGreedily(tree, randomStream(seed, id), POLICY);
            if (parent !== null && tree.isPruned(parent)) return false;
            tree.dispatch(id, operator, parent);
            const metric = (seed * id * 7919) % 101;
            tree.complete(
              id,
              metric % 4 === 0 ? { status: 'failed', reason: 'timeout' } : { status: 'working', metric },
            );
            for (const root of prunes) if (root % 30 === id - 1) tree.prune(1 + (root % id));
            if (tree.best !== null && tree.isPruned(tree.best.id)) return false;
          }
          return true;
        },
      ),
    );
  });
});

describe('scripts that people brought', () => {
  it('are no drafts, but are improved and repaired like any other', () => {
    const tree = new SearchTree('minimize');
    tree.dispatch(1, 'inject', null);
    expect(tree.injected).toEqual({ all: 1, inFlight: 1 });
    tree.complete(1, { status: 'failed', reason: 'exception' });
    expect(decideGreedily(tree, DEBUG_COIN, POLICY)).toEqual({ operator: 'draft', parent: null });
    expect([tree.childCount(null), tree.injected]).toEqual([0, { all: 1, inFlight: 0 }]);
    const none = { ...POLICY, numDrafts: 0 };
    expect(decideGreedily(tree, DEBUG_COIN, none)).toEqual({ operator: 'debug', parent: 1 });
    tree.dispatch(2, 'inject', null);
    tree.complete(2, { status: 'working', metric: 3 });
    expect(decideGreedily(tree, IMPROVE_COIN, none)).toEqual({ operator: 'improve', parent: 2 });
    expect(new SearchTree('minimize', tree.toColumns()).injected).toEqual({ all: 2, inFlight: 0 });
  });
});

describe('hints', () => {
  it('stand for the run, or for what is made from a node and its descendants, in the order given', () => {
    const tree = grown();
    const hints = new Hints(NO_HINTS);
    const [late, early] = [hints.nextNumber(), hints.nextNumber()];
    hints.give({ number: early, node: null });
    hints.give({ number: late, node: 1 });
    hints.give({ number: hints.nextNumber(), node: 3 });
    expect([null, 1, 2, 3, 4, 6].map((parent) => hints.forChildOf(tree, parent))).toEqual([
      [2],
      [1, 2],
      [2],
      [1, 2, 3],
      [1, 2, 3],
      [2],
    ]);
    hints.withdraw(2);
    const again = new Hints(hints.state());
    expect([again.forChildOf(tree, 3), again.isInForce(2), again.nextNumber()]).toEqual([[1, 3], false, 4]);
  });
});
