import fc from 'fast-check';
import type { FailureReason } from '../../src/domain/failure-reason';
import type { GreedyPolicySpec } from '../../src/domain/run-spec';
import { decideGreedily } from '../../src/policy/greedy';
import type { RandomStream } from '../../src/policy/random-stream';
import { randomStream } from '../../src/policy/random-stream';
import { SearchTree } from '../../src/policy/search-tree';

const POLICY: GreedyPolicySpec = { name: 'greedy', numDrafts: 2, debugProbability: 0.5, maxDebugDepth: 3 };

/** A stream whose coin always falls on one side and which picks the first candidate. */
function coin(value: number): RandomStream {
  return { chance: () => value, pick: (items) => items[0] ?? null };
}

const DEBUG_COIN = coin(0);
const IMPROVE_COIN = coin(0.99);

/** Builds a tree from rows of operator, parent and outcome: a number is a score, a text a reason, null in flight. */
function tree(...rows: ['draft' | 'improve' | 'debug', number | null, number | FailureReason | null][]): SearchTree {
  const built = new SearchTree('minimize');
  rows.forEach(([operator, parent, outcome], index) => {
    built.dispatch(index + 1, operator, parent);
    if (typeof outcome === 'number') built.complete(index + 1, { status: 'working', metric: outcome });
    else if (outcome !== null) built.complete(index + 1, { status: 'failed', reason: outcome });
  });
  return built;
}

describe('greedy policy', () => {
  it('drafts until there are enough drafts, counting those in flight', () => {
    expect(decideGreedily(tree(), DEBUG_COIN, POLICY).operator).toBe('draft');
    expect(decideGreedily(tree(['draft', null, null]), DEBUG_COIN, POLICY).operator).toBe('draft');
    const enough = tree(['draft', null, 1], ['draft', null, null]);
    expect(decideGreedily(enough, IMPROVE_COIN, POLICY)).toEqual({ operator: 'improve', parent: 1 });
  });

  it('debugs a failed leaf when the coin says so, and improves the best when it does not', () => {
    const mixed = tree(['draft', null, 5], ['draft', null, 'exception'], ['improve', 1, 3]);
    expect(decideGreedily(mixed, DEBUG_COIN, POLICY)).toEqual({ operator: 'debug', parent: 2 });
    expect(decideGreedily(mixed, IMPROVE_COIN, POLICY)).toEqual({ operator: 'improve', parent: 3 });
  });

  it('drafts again when nothing works and the coin does not say debug', () => {
    const broken = tree(['draft', null, 'timeout'], ['draft', null, 'exception']);
    expect(decideGreedily(broken, IMPROVE_COIN, POLICY).operator).toBe('draft');
  });

  it('does not pick a node whose repair is in flight or done', () => {
    const inFlight = tree(['draft', null, 5], ['draft', null, 'exception'], ['debug', 2, null]);
    expect(decideGreedily(inFlight, DEBUG_COIN, POLICY)).toEqual({ operator: 'improve', parent: 1 });
    const repaired = tree(['draft', null, 5], ['draft', null, 'exception'], ['debug', 2, 4]);
    expect(decideGreedily(repaired, DEBUG_COIN, POLICY)).toEqual({ operator: 'improve', parent: 3 });
  });

  it('allows chains of one more repair than the depth limit, as AIDE does', () => {
    const rows: Parameters<typeof tree> = [
      ['draft', null, 5],
      ['draft', null, 'exception'],
      ['debug', 2, 'exception'],
      ['debug', 3, 'exception'],
      ['debug', 4, 'exception'],
    ];
    expect(decideGreedily(tree(...rows), DEBUG_COIN, POLICY)).toEqual({ operator: 'debug', parent: 5 });
    const chainOfFour = tree(...rows, ['debug', 5, 'exception']);
    expect(decideGreedily(chainOfFour, DEBUG_COIN, POLICY)).toEqual({ operator: 'improve', parent: 1 });
  });

  it('has nothing to repair where the model gave no code', () => {
    const noCode = tree(['draft', null, 5], ['draft', null, 'no_code']);
    expect(decideGreedily(noCode, DEBUG_COIN, POLICY)).toEqual({ operator: 'improve', parent: 1 });
  });

  it('picks every failed leaf about equally often, over decisions', () => {
    const broken = tree(['draft', null, 'exception'], ['draft', null, 'timeout'], ['draft', null, 'no_metric']);
    const picked = new Map<number | null, number>();
    for (let decision = 1; decision <= 3000; decision += 1) {
      const { parent } = decideGreedily(broken, randomStream(7, decision), { ...POLICY, debugProbability: 1 });
      picked.set(parent, (picked.get(parent) ?? 0) + 1);
    }
    expect([...picked.keys()].sort()).toEqual([1, 2, 3]);
    for (const count of picked.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('keeps its rules on any tree it can grow itself', () => {
    const outcome = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
      fc.constantFrom<FailureReason>('exception', 'timeout', 'no_code'),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.array(outcome, { maxLength: 60 }), (seed, outcomes) => {
        const grown = new SearchTree('maximize');
        outcomes.forEach((result, index) => {
          const id = index + 1;
          const decision = decideGreedily(grown, randomStream(seed, id), POLICY);
          const drafts = grown.all().filter((node) => node.operator === 'draft').length;
          if (drafts < POLICY.numDrafts) expect(decision.operator).toBe('draft');
          if (decision.operator === 'improve') expect(decision.parent).toBe(grown.best?.id);
          if (decision.operator === 'debug') {
            expect(grown.node(decision.parent).status).toBe('failed');
            expect(grown.childCount(decision.parent)).toBe(0);
            expect(grown.debugDepth(decision.parent)).toBeLessThanOrEqual(POLICY.maxDebugDepth);
          }
          grown.dispatch(id, decision.operator, decision.parent);
          if (typeof result === 'number') grown.complete(id, { status: 'working', metric: result });
          else if (result !== null) grown.complete(id, { status: 'failed', reason: result });
        });
      }),
      { numRuns: 200 },
    );
  });
});
