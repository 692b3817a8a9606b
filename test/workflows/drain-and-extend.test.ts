import { WithStartWorkflowOperation } from '@temporalio/client';
import type { RecoveredRun } from '../../src/domain/steps';
import { extendUpdate, pauseUpdate, resumeUpdate, stopUpdate } from '../../src/workflows/messages';
import { JUST_BEGUN, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const idsOf = (nodes: readonly { readonly nodeId: number }[]) => nodes.map(({ nodeId }) => nodeId).sort();

describe('stop --drain', () => {
  it('finishes and records what is under way, dispatches nothing new, then selects and reports', async () => {
    const run = fakeRun({ scriptMs: (id) => (id > 1 ? 2000 : 0), outcome: ({ nodeId }) => 10 - nodeId });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 9, parallel: 2, target: 8 });
      await waitUntil('scripts run', () => run.scripts.starts.length === 3);
      const progress = await handle.executeUpdate(stopUpdate, { args: [{ drain: true }] });
      expect(progress).toMatchObject({ state: 'stopping', nodes: { inFlight: 2 } });
      await expect(handle.executeUpdate(extendUpdate, { args: [{ steps: 1 }] })).rejects.toMatchObject({
        cause: { message: 'the run is being stopped; extend it when it is over' },
      });
      // Node 2 reaches the target, which ends nothing any more.
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', nodes: { working: 3, failed: 0 } });
    });
    expect(idsOf(run.published)).toEqual([1, 2, 3]);
    expect(run.scripts.ended).toEqual([]);
    expect(run.reported).toHaveLength(1);
  });

  it('lets a paused run finish what it holds, and ends at once after a plain stop', async () => {
    const run = fakeRun({ scriptMs: (id) => (id === 2 ? 60_000 : 0) });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 9 });
      await waitUntil('the script runs', () => run.scripts.starts.length === 2);
      await handle.executeUpdate(pauseUpdate, { args: [{ now: true }] });
      await waitUntil('it has ended', () => run.scripts.ended.length === 1);
      const progress = await handle.executeUpdate(stopUpdate, { args: [{ drain: true }] });
      expect(progress).toMatchObject({ state: 'stopping', pause: null });
      await waitUntil('it runs again', () => run.scripts.starts.length === 3);
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', nodes: { working: 1, failed: 0 } });
    });
    expect(run.scripts.ended).toEqual(['2', '2']);
    expect(idsOf(run.published)).toEqual([1]);
  });

  it.each([
    ['pause', { soon: true }, 'the pause is wrong: $.soon: unknown key'],
    ['pause', { now: 'yes' }, 'the pause is wrong: $.now: '],
    ['stop', { drain: 1, later: 2 }, '$.later: unknown key'],
    ['extend', { tokens: 5, steps: 1 }, '$.tokens: the run has no cap of this kind'],
  ])('refuses %s %j with the path of what is wrong', async (name, input, message) => {
    const run = fakeRun({ scriptMs: () => 100 });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await expect(handle.executeUpdate(name, { args: [input] })).rejects.toMatchObject({
        cause: { message: expect.stringContaining(message) as unknown },
      });
      expect((await handle.result()).stopReason).toBe('steps');
    });
  });
});

/** Three nodes are recorded, the second of them the best. */
const THREE_NODES: RecoveredRun = {
  ...JUST_BEGUN,
  tree: { parents: [0, 0, 0], operators: 'ddd', outcomes: 'www', metrics: [9, 5, 7] },
  completions: 3,
  bestCompletion: 2,
};

const OVER: RecoveredRun = { ...THREE_NODES, isOver: true };

/** As `coppice extend` left it in the run's files. */
const GONE_ON: RecoveredRun = { ...THREE_NODES, wentOn: { after: 3, metric: 5 }, extendedSteps: 2 };

describe('a run that was over', () => {
  const outcome = (): number => 8;

  it('ends at once again when it is only started', async () => {
    const run = fakeRun({ opened: { recovered: OVER }, outcome });
    const result = await completeRun(server.environment, run.activities, { steps: 3 });
    expect(result).toMatchObject({ stopReason: 'steps', nodes: { working: 3, failed: 0 } });
    expect(run.proposed).toEqual([]);
  });

  it('goes on when a start brings an extension along, past its target and with its patience anew', async () => {
    const run = fakeRun({ opened: { recovered: OVER }, outcome });
    const { client } = server.environment;
    await withWorkers(server.environment, run.activities, async () => {
      const workflowId = 'over-and-extended';
      const startWorkflowOperation = new WithStartWorkflowOperation('treeSearch', {
        workflowId,
        taskQueue: 'coppice',
        args: [{ task: 'anything', steps: 3, target: 5, patience: 4 }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      await client.workflow.executeUpdateWithStart(extendUpdate, { args: [{ steps: 3 }], startWorkflowOperation });
      const result: unknown = await client.workflow.getHandle(workflowId).result();
      expect(result).toMatchObject({ stopReason: 'steps', nodes: { working: 6, failed: 0 } });
    });
    expect(run.published.at(-1)?.snapshot).toMatchObject({ wentOnAfter: 3, extendedSteps: 3, stepsTotal: 6 });
  });

  it('goes on with what its files say it was given meanwhile, until its patience is over anew', async () => {
    const past = fakeRun({ opened: { recovered: GONE_ON }, outcome });
    const result = await completeRun(server.environment, past.activities, { steps: 3, target: 5 });
    expect(result).toMatchObject({ stopReason: 'steps', nodes: { working: 5, failed: 0 } });

    const impatient = fakeRun({ opened: { recovered: { ...GONE_ON, extendedSteps: 20 } }, outcome });
    const end = await completeRun(server.environment, impatient.activities, { steps: 3, patience: 2 });
    expect(end).toMatchObject({ stopReason: 'patience', nodes: { working: 5 } });
  });

  it('still has a target to reach that it had not reached before', async () => {
    const run = fakeRun({ opened: { recovered: { ...GONE_ON, extendedSteps: 9 } }, outcome: () => 4 });
    const result = await completeRun(server.environment, run.activities, { steps: 3, target: 4 });
    expect(result).toMatchObject({ stopReason: 'target', nodes: { working: 4 } });
  });

  it('is extended while it stands paused, too', async () => {
    const run = fakeRun({ outcome });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await handle.executeUpdate(extendUpdate, { args: [{ steps: 1 }] });
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes.working).toBe(2);
    });
  });
});
