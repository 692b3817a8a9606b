import { progressQuery } from '../../src/workflows/messages';
import { JUST_BEGUN, fakeRun } from '../helpers/fake-activities';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

/** Five drafts of which the fourth was never recorded, then a chain and a debug of a failed node. */
const REPLAYED = {
  parents: [0, 0, 0, 0, 0, 2, 6, 3, 6],
  operators: 'ddd-diibi',
  outcomes: 'wwx-wwwww',
  metrics: [9, 8, null, null, 7, 6, 5, 4, 3],
};
const IDS = [1, 2, 3, 5, 6, 7, 8, 9];

const decisions = (nodes: readonly { nodeId: number; operator: string; parent: number | null }[]) =>
  nodes.map(({ nodeId, operator, parent }) => [nodeId, operator, parent]).sort();

const EXPECTED = [
  [1, 'draft', null],
  [2, 'draft', null],
  [3, 'draft', null],
  [5, 'draft', null],
  [6, 'improve', 2],
  [7, 'improve', 6],
  [8, 'debug', 3],
  [9, 'improve', 6],
];

describe('a replay', () => {
  it('takes every decision from the record and none from the policy, in the order of the ids', async () => {
    const run = fakeRun({ opened: { replayed: REPLAYED, seed: 99 } });
    const spec = { steps: 100, target: 99, patience: 1, memory: { digestEvery: 2 } };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, spec);
      const result = await handle.result();
      expect(result.stopReason).toBe('steps');
      expect(result.nodes.working + result.nodes.failed).toBe(IDS.length);
      expect(await handle.query(progressQuery)).toMatchObject({ steps: { done: 8, total: 8 } });
    });
    expect(run.proposed.map(({ nodeId }) => nodeId)).toEqual(IDS);
    expect(decisions(run.published)).toEqual(EXPECTED);
    expect([run.digested, run.summarized]).toEqual([[], []]);
  });

  it('does not wait for a parent to be finished', async () => {
    const run = fakeRun({ opened: { replayed: REPLAYED }, scriptMs: (id) => (id === 2 ? 4000 : 0) });
    await completeRun(server.environment, run.activities, { parallel: 3 });
    const completed = run.published.map(({ nodeId }) => nodeId);
    expect(completed.indexOf(6)).toBeLessThan(completed.indexOf(2));
    expect(decisions(run.published)).toEqual(EXPECTED);
  });

  it('goes on after continue-as-new, and after a recovery from its files', async () => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const chained = fakeRun({ opened: { replayed: REPLAYED, drainAt } });
    await completeRun(server.environment, chained.activities, {});
    expect(decisions(chained.published)).toEqual(EXPECTED);
    const metrics = [9, null, null, null, 7, null];
    const tree = { parents: [0, 0, 0, 0, 0, 2], operators: 'd-d-di', outcomes: 'w-x-w.', metrics };
    const recovered = { ...JUST_BEGUN, tree, completions: 3, bestCompletion: 3 };
    const rebuilt = fakeRun({ opened: { replayed: REPLAYED, recovered } });
    await completeRun(server.environment, rebuilt.activities, {});
    expect(decisions(rebuilt.published)).toEqual(EXPECTED.filter(([id]) => ![1, 3, 5].includes(Number(id))));
  });

  it('ends when its time is over', async () => {
    const run = fakeRun({ opened: { replayed: REPLAYED }, scriptMs: () => 1500 });
    const result = await completeRun(server.environment, run.activities, { limits: { time: '3s' } });
    expect(result.stopReason).toBe('time');
    expect(run.published.length).toBeLessThan(IDS.length);
  });
});
