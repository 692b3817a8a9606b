import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { ExecuteInput, RunResult } from '../../src/domain/steps';
import { pauseUpdate, resumeUpdate } from '../../src/workflows/messages';
import { NO_USAGE } from '../../src/domain/usage';
import type { FakeRun } from '../helpers/fake-activities';
import { JUST_BEGUN, THIS_HOST, fakeRun } from '../helpers/fake-activities';
import { detached } from '../helpers/fake-scripts';
import { waitUntil } from '../helpers/wait-until';
import { startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer({ waits: { SCRIPT_HEARTBEAT_TIMEOUT: '1s', HOST_TIMEOUT: '2s' } });

async function complete(run: FakeRun, spec: Partial<RunSpecInput>): Promise<RunResult> {
  const body = async () => (await startRun(server.environment, spec)).result();
  return withWorkers(server.environment, run.activities, body, { workflowBundle: server.impatient });
}

/** Lets `first` take the first `times` calls of `execute` for node 2. */
function interrupt(run: FakeRun, times: number, first: (input: ExecuteInput) => Promise<never>): void {
  const { execute } = run.activities;
  let left = times;
  run.activities.execute = async (input) => {
    if (input.nodeId !== 2 || left === 0) return execute(input);
    left -= 1;
    run.dispatched.push(input);
    return first(input);
  };
}

const placesOf = (run: FakeRun, nodeId: number) =>
  run.dispatched.filter((input) => input.nodeId === nodeId).map((input) => input.place);

const startsOf = (run: FakeRun, script: string) =>
  run.scripts.starts.filter((start) => start.script === script).map((start) => start.hostId);

/** Leaves the script running on the host, as a worker does that shuts down. */
const leaveOn = (run: FakeRun, hostId: string) => async (input: ExecuteInput) => {
  if (startsOf(run, String(input.nodeId)).length === 0) run.scripts.begin(input, hostId);
  throw detached(hostId);
};

const longNode2 = (scriptMs: number) => ({ scriptMs: (id: number) => (id === 2 ? scriptMs : 0) });

describe('a running script is taken over, not started again', () => {
  it('by its own host after a missed heartbeat', async () => {
    const run = fakeRun(longNode2(4000));
    interrupt(run, 1, async (input) => {
      run.scripts.begin(input, THIS_HOST);
      Context.current().heartbeat({ hostId: THIS_HOST, line: '' });
      await sleep(3000);
      throw new Error('nobody listens any more');
    });
    const result = await complete(run, { steps: 3 });
    expect(placesOf(run, 2)).toEqual(['anywhere', 'here']);
    expect(startsOf(run, '2')).toEqual([THIS_HOST]);
    expect(result.nodes).toEqual({ working: 2, failed: 1 });
  });

  it('by the host that its files name when no heartbeat told', async () => {
    const run = fakeRun(longNode2(4000));
    interrupt(run, 1, async (input) => {
      run.scripts.begin(input, THIS_HOST);
      throw ApplicationFailure.create({ message: 'bye', type: FailureType.WorkerShutdown });
    });
    await complete(run, { steps: 2 });
    expect(placesOf(run, 2)).toEqual(['anywhere', 'here']);
    expect(startsOf(run, '2')).toEqual([THIS_HOST]);
  });

  it('any number of times, free of charge', async () => {
    const run = fakeRun(longNode2(60_000));
    interrupt(run, 25, leaveOn(run, THIS_HOST));
    const began = Date.now();
    await withWorkers(
      server.environment,
      run.activities,
      async () => {
        const handle = await startRun(server.environment, { steps: 3 });
        await waitUntil('it is watched again', () => placesOf(run, 2).length > 25);
        await handle.cancel();
        await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      },
      { workflowBundle: server.impatient },
    );
    expect(startsOf(run, '2')).toEqual([THIS_HOST]);
    expect(placesOf(run, 2).filter((place) => place === 'anywhere')).toHaveLength(1);
    expect(run.scripts.ended).toEqual(['2']);
    expect(Date.now() - began).toBeLessThan(60_000);
  });

  it('while the run is paused, too', async () => {
    const run = fakeRun(longNode2(3000));
    interrupt(run, 1, async (input) => {
      run.scripts.begin(input, THIS_HOST);
      await sleep(500);
      throw detached(THIS_HOST);
    });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the script runs', () => startsOf(run, '2').length === 1);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await waitUntil('it is watched again', () => placesOf(run, 2).includes('here'));
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes.working).toBe(2);
    });
    expect(startsOf(run, '2')).toEqual([THIS_HOST]);
  });

  it('by its host when the run is rebuilt from its files', async () => {
    const tree = { parents: [0, 0], operators: 'dd', outcomes: 'w.', metrics: [99, null] };
    const recovered = { ...JUST_BEGUN, tree, completions: 1, bestCompletion: 1, sinceDigest: [1] };
    const run = fakeRun({ ...longNode2(2000), opened: { recovered } });
    const { draft } = run.activities;
    run.activities.draft = async (input) => {
      if (input.nodeId === 2) run.scripts.begin(scriptOf(input.runId, 2), THIS_HOST);
      return draft(input);
    };
    await complete(run, { steps: 2 });
    expect(placesOf(run, 2)).toEqual(['here']);
    expect(startsOf(run, '2')).toEqual([THIS_HOST]);
  });
});

const scriptOf = (runId: string, nodeId: number): ExecuteInput => ({
  runId,
  nodeId,
  variant: 'node',
  place: 'anywhere',
  limitMs: 1000,
  budgetMs: null,
  deadline: null,
  needsMetric: true,
});

describe('a script begins anew', () => {
  it('on another host when its own does not come back in time', async () => {
    const run = fakeRun(longNode2(1000));
    interrupt(run, 1, leaveOn(run, 'lost-host'));
    const result = await complete(run, { steps: 3 });
    expect(placesOf(run, 2)).toEqual(['anywhere', 'anywhere']);
    expect(startsOf(run, '2')).toEqual(['lost-host', THIS_HOST]);
    expect(result.nodes).toEqual({ working: 2, failed: 1 });
  });

  it('when its host says that it is gone, at most twenty times', async () => {
    const run = fakeRun();
    run.activities.execute = async (input) => {
      run.dispatched.push(input);
      if (input.place === 'here') return { status: 'gone' };
      throw detached(THIS_HOST);
    };
    await complete(run, { steps: 1 });
    expect(placesOf(run, 1)).toEqual(Array.from({ length: 20 }, () => ['anywhere', 'here']).flat());
    expect(run.published).toMatchObject([{ status: 'failed', reason: 'killed', metric: null }]);
  });

  it('and is recorded without a review when that is given up, since it left nothing to look at', async () => {
    const run = fakeRun();
    const reviewed: number[] = [];
    run.activities.execute = async () => {
      throw ApplicationFailure.create({ message: 'the supervisor was killed', type: FailureType.SupervisorLost });
    };
    run.activities.review = async ({ nodeId }) => {
      reviewed.push(nodeId);
      return { verdict: 'unreviewed', usage: NO_USAGE };
    };
    await complete(run, { steps: 1 });
    expect(run.published).toMatchObject([{ nodeId: 1, status: 'failed', reason: 'killed' }]);
    expect(reviewed).toEqual([]);
  });

  it('once when its supervisor is killed; the second time the script counts as its killer', async () => {
    const lost = async (): Promise<never> => {
      throw ApplicationFailure.create({ message: 'the supervisor was killed', type: FailureType.SupervisorLost });
    };
    const once = fakeRun();
    interrupt(once, 1, lost);
    await complete(once, { steps: 2 });
    expect(once.published.map(({ nodeId, reason }) => [nodeId, reason])).toEqual([
      [1, null],
      [2, null],
    ]);
    const twice = fakeRun();
    interrupt(twice, 2, lost);
    await complete(twice, { steps: 2 });
    expect(twice.published.map(({ nodeId, reason }) => [nodeId, reason])).toEqual([
      [1, null],
      [2, 'killed'],
    ]);
    expect(startsOf(twice, '2')).toEqual([]);
  });
});
