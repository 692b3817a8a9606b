import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import { NO_USAGE } from '../../src/domain/usage';
import { stopUpdate, progressQuery } from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { JUST_BEGUN, fakeRun, routesTo } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const EVERY_THREE = { memory: { digestEvery: 3 } };

const refused = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('wrong key', FailureType.ModelKeyRejected);
};

const paused = (run: FakeRun) => run.saved.filter(({ pause }) => pause !== null);

describe('a digest', () => {
  it('is made of every so many nodes in the order of their records, and used by the nodes after it', async () => {
    const run = fakeRun({ scriptMs: () => 30 });
    await completeRun(server.environment, run.activities, { steps: 12, ...EVERY_THREE });
    const recorded = run.published.map(({ nodeId }) => nodeId);
    expect(run.digested.map(({ upTo, previous, nodes }) => ({ upTo, previous, nodes }))).toEqual([
      { upTo: 3, previous: null, nodes: recorded.slice(0, 3) },
      { upTo: 6, previous: 3, nodes: recorded.slice(3, 6) },
      { upTo: 9, previous: 6, nodes: recorded.slice(6, 9) },
    ]);
    const used = run.proposed.map(({ digest }) => digest);
    expect(used.slice(0, 4)).toEqual([null, null, null, null]);
    expect(used.at(-1)).toBe(9);
    for (const { digest, decidedAfter, context } of run.proposed) {
      expect(context.recent).toEqual(recorded.slice(digest ?? 0, decidedAfter));
    }
  });

  it('never holds up the search, and is counted in the usage', async () => {
    const run = fakeRun();
    const { digest } = run.activities;
    run.activities.digest = async (input) => {
      if (input.upTo === 3) await waitUntil('ten nodes are recorded', () => run.published.length >= 10);
      return digest(input);
    };
    const result = await completeRun(server.environment, run.activities, { steps: 12, ...EVERY_THREE });
    expect(run.digested.map(({ upTo }) => upTo)).toContain(3);
    expect(result.usage.calls).toBe(24 + run.digested.length + run.summarized.length);
  });

  it('that fails pauses nothing and is asked for again, of the same nodes, five records later', async () => {
    const run = fakeRun({ scriptMs: () => 30 });
    const { digest } = run.activities;
    const asked: (readonly number[])[] = [];
    run.activities.digest = async (input) => {
      asked.push([run.published.length, input.upTo]);
      return asked.length === 1 ? refused() : digest(input);
    };
    await completeRun(server.environment, run.activities, { steps: 12, ...EVERY_THREE });
    expect(asked.slice(0, 2)).toEqual([
      [3, 3],
      [8, 3],
    ]);
    expect(asked[2]?.[1]).toBe(6);
    expect(paused(run)).toEqual([]);
  });

  it.each<[string, Partial<RunSpecInput>, Partial<OpenRunResult>]>([
    ['is not asked for', { memory: { digestEvery: 0 } }, {}],
    ['would be read by nobody', { memory: { digestEvery: 3, draft: 'none', improve: 'none', debug: 'none' } }, {}],
    ['would be the offline model’s', EVERY_THREE, { modelRoutes: { ...routesTo('fake'), digest: ['offline'] } }],
  ])('is not made where it %s', async (_, spec, opened) => {
    const run = fakeRun({ opened });
    await completeRun(server.environment, run.activities, { steps: 8, ...spec });
    expect(run.digested).toEqual([]);
  });

  it('is known after continue-as-new', async () => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const run = fakeRun({ opened: { drainAt }, scriptMs: () => 30 });
    await completeRun(server.environment, run.activities, { steps: 20, ...EVERY_THREE });
    expect(run.digested.map(({ upTo, previous }) => [upTo, previous])).toEqual([
      [3, null],
      [6, 3],
      [9, 6],
      [12, 9],
      [15, 12],
      [18, 15],
    ]);
  });

  it('is known after a recovery from the files, with the order of what was recorded since', async () => {
    const tree = { parents: [0, 0, 0, 0], operators: 'dddd', outcomes: 'wwww', metrics: [9, 8, 7, 6] };
    const recovered = { ...JUST_BEGUN, tree, completions: 4, bestCompletion: 4, digest: 2, sinceDigest: [4, 1] };
    const run = fakeRun({ opened: { recovered } });
    await completeRun(server.environment, run.activities, { steps: 7, ...EVERY_THREE });
    expect(run.proposed[0]).toMatchObject({ digest: 2, context: { recent: [4, 1] } });
    expect(run.digested[0]).toMatchObject({ upTo: 5, previous: 2, nodes: [4, 1, 5] });
  });
});

describe('the prompt of a node', () => {
  it('is told how many children its parent has already, in flight or not', async () => {
    const run = fakeRun({ scriptMs: () => 300, outcome: ({ nodeId }) => (nodeId === 1 ? 1 : 50) });
    await completeRun(server.environment, run.activities, { steps: 10, parallel: 2 });
    const expected = run.proposed.map(
      ({ nodeId, parent }) => run.proposed.filter((other) => other.parent === parent && other.nodeId < nodeId).length,
    );
    expect(run.proposed.map(({ siblingsSoFar }) => siblingsSoFar)).toEqual(expected);
    expect(Math.max(...expected)).toBeGreaterThan(3);
  });
});

describe('the story of a run', () => {
  it('is told of the best and the last nodes, between the final selection and the report', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => nodeId, opened: { evaluation: 'holdout' } });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 12, ...EVERY_THREE });
      await handle.result();
      const { events } = await handle.fetchHistory();
      const scheduled = (events ?? []).flatMap(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
      );
      expect(scheduled.slice(-4)).toEqual(['select', 'execute', 'summarize', 'report']);
    });
    expect(run.summarized).toMatchObject([{ digest: 9, nodes: [1, 2, 3, 4, 5, 8, 9, 10, 11, 12], model: 0 }]);
  });

  it('is asked for once and left out when it cannot be told', async () => {
    const run = fakeRun();
    let asked = 0;
    run.activities.summarize = async () => {
      asked += 1;
      return refused();
    };
    const result = await completeRun(server.environment, run.activities, { steps: 3 });
    expect(result).toMatchObject({ stopReason: 'steps', usage: { calls: 6 } });
    expect([asked, paused(run), run.reported.length]).toEqual([1, [], 1]);
  });

  it.each<[string, Partial<RunSpecInput>, Parameters<typeof fakeRun>[0]]>([
    ['of a single working node', { steps: 3 }, { outcome: ({ nodeId }) => (nodeId === 1 ? 1 : 'exception') }],
    ['by the offline model', { steps: 3 }, { opened: { modelRoutes: { ...routesTo('fake'), report: ['offline'] } } }],
  ])('is not told %s', async (_, spec, settings) => {
    const run = fakeRun(settings);
    await completeRun(server.environment, run.activities, spec);
    expect(run.summarized).toEqual([]);
  });

  it('does not hold up the stop of a run whose models do not answer', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => nodeId });
    const { draft } = run.activities;
    run.activities.draft = async (input) => (input.nodeId === 4 ? refused() : draft(input));
    run.activities.improve = refused;
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 12 });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped' });
    });
    expect(run.summarized).toEqual([]);
  });

  it('ends with the run that is cancelled meanwhile', async () => {
    const run = fakeRun();
    let asked = false;
    run.activities.summarize = async () => {
      asked = true;
      await waitUntil('the run has ended', () => run.reported.length > 0);
      return { status: 'none', usage: NO_USAGE };
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 3 });
      await waitUntil('the story is asked for', () => asked);
      expect(await handle.query(progressQuery)).toMatchObject({ state: 'selecting' });
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(run.reported).toMatchObject([{ stopReason: 'cancelled' }]);
    });
  });
});
