import { DigestPlan, NO_DIGESTS } from '../../src/policy/digest-plan';
import { MOST_RECENT } from '../../src/policy/prompt-context';

/** Records the nodes of these ids and gives what is then due. */
function recorded(plan: DigestPlan, from: number, to: number) {
  for (let id = from; id <= to; id += 1) plan.record(id);
  return plan.due(to);
}

describe('a digest', () => {
  it('is due every so many records, of exactly those, and goes on from the one before', () => {
    const plan = new DigestPlan(3, NO_DIGESTS);
    expect(recorded(plan, 1, 2)).toBeNull();
    const first = recorded(plan, 3, 5);
    expect(first).toEqual({ upTo: 3, previous: null, nodes: [1, 2, 3] });
    plan.record(6);
    if (first !== null) plan.written(first);
    expect([plan.last, plan.since]).toEqual([3, [4, 5, 6]]);
    expect(plan.due(6)).toEqual({ upTo: 6, previous: 3, nodes: [4, 5, 6] });
  });

  it('that failed is asked for again some records later, of the same nodes, so that its answers fit', () => {
    const plan = new DigestPlan(3, NO_DIGESTS);
    const due = recorded(plan, 1, 3);
    plan.failed();
    expect(recorded(plan, 4, 7)).toBeNull();
    expect(recorded(plan, 8, 8)).toEqual(due);
  });

  it('for which no usable answer came is not asked for again as it was; the oldest nodes are left out in the end', () => {
    const plan = new DigestPlan(3, NO_DIGESTS);
    recorded(plan, 1, 12);
    plan.unusable();
    expect(plan.due(12)).toEqual({ upTo: 6, previous: null, nodes: [1, 2, 3, 4, 5, 6] });
    plan.unusable();
    expect(plan.due(12)).toMatchObject({ upTo: 9 });
    plan.unusable();
    expect(plan.due(12)).toEqual({ upTo: 12, previous: null, nodes: [4, 5, 6, 7, 8, 9, 10, 11, 12] });
  });

  it('is planned alike after continue-as-new and after a recovery from the files', () => {
    const plan = new DigestPlan(3, NO_DIGESTS);
    const first = recorded(plan, 1, 4);
    if (first !== null) plan.written(first);
    const carried = new DigestPlan(3, plan.state());
    const rebuilt = new DigestPlan(3, { ...NO_DIGESTS, last: 3, since: [4] });
    for (const next of [carried, rebuilt]) {
      expect(recorded(next, 5, 6)).toEqual({ upTo: 6, previous: 3, nodes: [4, 5, 6] });
    }
  });

  it('is never due where there are none, and little is kept then', () => {
    const plan = new DigestPlan(0, NO_DIGESTS);
    expect(recorded(plan, 1, 5000)).toBeNull();
    expect([plan.since.length, plan.since.at(-1)]).toEqual([MOST_RECENT, 5000]);
  });
});
