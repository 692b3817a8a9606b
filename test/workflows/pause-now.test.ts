import { setTimeout as sleep } from 'node:timers/promises';
import type { PauseRequest } from '../../src/domain/steering';
import type { CarriedState } from '../../src/workflows/carried-state';
import { pauseUpdate, progressQuery, resumeUpdate, stopUpdate } from '../../src/workflows/messages';
import { hostTaskQueue } from '../../src/domain/task-queues';
import { NO_USAGE } from '../../src/domain/usage';
import type { FakeRun } from '../helpers/fake-activities';
import { THIS_HOST, fakeRun, routesTo } from '../helpers/fake-activities';
import { detached } from '../helpers/fake-scripts';
import { waitUntil } from '../helpers/wait-until';
import { fakeWorker, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const NOW: { args: [PauseRequest] } = { args: [{ now: true }] };

const startsOf = ({ scripts }: FakeRun, script: string) =>
  scripts.starts.filter((start) => start.script === script).length;

const recorded = (run: FakeRun) => run.published.map(({ nodeId, status }) => [nodeId, status]);

/** The script of node 2 takes a minute until it is let go. */
function longNode2() {
  let ms = 60_000;
  const run = fakeRun({ scriptMs: (id) => (id === 2 ? ms : 0), outcome: ({ nodeId }) => 10 - nodeId });
  return { run, shorten: () => (ms = 0) };
}

describe('pause --now', () => {
  it('ends running scripts, which begin anew after the pause, as often as a person likes', async () => {
    const { run, shorten } = longNode2();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 3 });
      for (let time = 1; time <= 21; time += 1) {
        await waitUntil('the script runs', () => startsOf(run, '2') === time);
        await handle.executeUpdate(pauseUpdate, NOW);
        await waitUntil('it has ended', () => run.scripts.ended.length === time);
        if (time === 21) shorten();
        await handle.executeUpdate(resumeUpdate);
      }
      const result = await handle.result();
      expect(result).toMatchObject({ stopReason: 'steps', nodes: { working: 3, failed: 0 } });
    });
    expect(recorded(run)).toEqual([
      [1, 'working'],
      [2, 'working'],
      [3, 'working'],
    ]);
    expect(startsOf(run, '2')).toBe(22);
    expect(run.proposed.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3]);
  });

  it('also when the run was paused without it before, and a plain pause after it changes nothing', async () => {
    const { run, shorten } = longNode2();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the script runs', () => startsOf(run, '2') === 1);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await waitUntil('the pause is saved', () => run.saved.some(({ pause }) => pause?.reason === 'person'));
      expect(run.scripts.ended).toEqual([]);
      const { pause } = await handle.executeUpdate(pauseUpdate, NOW);
      expect(pause).toEqual({ reason: 'person', message: 'paused by a person; its running scripts ended' });
      await waitUntil('it has ended', () => run.scripts.ended.length === 1);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      expect(await handle.query(progressQuery)).toMatchObject({ state: 'paused', nodes: { inFlight: 1 }, pause });
      await waitUntil('the words are saved', () => run.saved.at(-1)?.pause?.message === pause?.message);
      expect(startsOf(run, '2')).toBe(1);
      shorten();
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes).toEqual({ working: 2, failed: 0 });
    });
  });

  it('lets model calls under way finish, and starts no script after them', async () => {
    const run = fakeRun();
    const { draft } = run.activities;
    let asked = false;
    let answer = (): void => undefined;
    run.activities.draft = async (input) => {
      asked = true;
      await new Promise<void>((resolve) => (answer = resolve));
      return draft(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      await waitUntil('the model is asked', () => asked);
      await handle.executeUpdate(pauseUpdate, NOW);
      answer();
      await waitUntil('the answer is there', () => run.proposed.length === 1);
      await sleep(500);
      expect(run.dispatched).toEqual([]);
      await handle.executeUpdate(resumeUpdate);
      await handle.result();
    });
    expect(recorded(run)).toHaveLength(1);
  });

  it('ends a script that its host had not taken up again', async () => {
    const { run, shorten } = longNode2();
    const { execute } = run.activities;
    run.activities.execute = async (input) => {
      if (input.nodeId !== 2 || startsOf(run, '2') > 0) return execute(input);
      run.scripts.begin(input, THIS_HOST);
      throw detached(THIS_HOST);
    };
    const { environment } = server;
    await withWorkers(
      environment,
      run.activities,
      async () => {
        const handle = await startRun(environment, { steps: 2 });
        await waitUntil('the script is to be watched again', async () => {
          if (startsOf(run, '2') === 0) return false;
          const { pendingActivities } = (await handle.describe()).raw;
          // One that a worker took up may still be the first one of it.
          return (pendingActivities ?? []).some(
            ({ activityType, lastStartedTime }) => activityType?.name === 'execute' && !lastStartedTime,
          );
        });
        await handle.executeUpdate(pauseUpdate, NOW);
        expect(run.scripts.ended).toEqual([]);
        const worker = await fakeWorker(environment, hostTaskQueue(THIS_HOST), run.activities);
        await worker.runUntil(async () => {
          await waitUntil('it has ended', () => run.scripts.ended.length === 1);
          shorten();
          await handle.executeUpdate(resumeUpdate);
          expect((await handle.result()).nodes.working).toBe(2);
        });
      },
      { without: [hostTaskQueue(THIS_HOST)] },
    );
    expect(run.dispatched.filter(({ ends }) => ends === true)).toHaveLength(1);
    expect(startsOf(run, '2')).toBe(2);
  });

  it('ends a script that the chain left running when it continued as new in the pause', async () => {
    const { run, shorten } = longNode2();
    const workflowId = 'carried-pause';
    await withWorkers(server.environment, run.activities, async () => {
      const input = { ...SCRIPT, runId: workflowId, nodeId: 2 };
      run.scripts.begin(input, THIS_HOST);
      const handle = await server.environment.client.workflow.start('treeSearch', {
        workflowId,
        taskQueue: 'coppice',
        args: [{ task: 'anything', steps: 2 }, PAUSED_WITH_A_SCRIPT],
      });
      await waitUntil('it has ended', () => run.scripts.ended.length === 1);
      expect(run.dispatched).toMatchObject([{ nodeId: 2, place: 'here', ends: true }]);
      shorten();
      await handle.executeUpdate(resumeUpdate);
      await handle.result();
    });
    expect(recorded(run)).toMatchObject([[2, 'failed']]);
    expect(startsOf(run, '2')).toBe(2);
  });

  it('is over with a stop', async () => {
    const { run } = longNode2();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 9 });
      await waitUntil('the script runs', () => startsOf(run, '2') === 1);
      await handle.executeUpdate(pauseUpdate, NOW);
      await waitUntil('it has ended', () => run.scripts.ended.length === 1);
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', nodes: { working: 1, failed: 0 } });
    });
  });
});

const SCRIPT = {
  variant: 'node',
  place: 'anywhere',
  limitMs: 1000,
  budgetMs: null,
  deadline: null,
  needsMetric: true,
} as const;

/** Node 1 is recorded; of node 2 nothing is left to do but its script, which runs on the host of the workers. */
const PAUSED_WITH_A_SCRIPT: Partial<CarriedState> = {
  evaluation: 'reported',
  canRefit: false,
  reruns: 0,
  openedAt: 0,
  bestSeconds: 1,
  executing: [{ id: 2, begins: 1, supervisorsLost: 0 }],
  seed: 11,
  direction: 'minimize',
  models: { routes: routesTo('fake'), downUntil: {} },
  spending: { usage: NO_USAGE, extendedTokens: 0, extendedCostUsd: 0 },
  replayed: null,
  drainAt: { events: 30_000, bytes: 25 * 1024 * 1024 },
  tree: { parents: [0, 0], operators: 'dd', outcomes: 'w.', metrics: [9, null] },
  completions: 1,
  bestCompletion: 1,
  workedMs: 0,
  serverDownMs: 0,
  extendedSteps: 0,
  extendedMs: 0,
  pause: { reason: 'person', message: 'paused by a person; its running scripts ended' },
  pausedNow: true,
  stopRequested: false,
  draining: false,
  wentOn: { after: 0, pastTarget: false },
};
