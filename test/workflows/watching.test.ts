import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { workflowMetadataQuery } from '@temporalio/workflow';
import { runLabels } from '../../src/cli/run-labels';
import { FailureType } from '../../src/domain/failure-type';
import { runSpecSchema } from '../../src/domain/run-spec';
import { PLAIN_TASK } from '../../src/domain/task';
import { MAIN_TASK_QUEUE } from '../../src/domain/task-queues';
import { offlineModels } from '../../src/llm/models/resolve-models';
import { pauseUpdate, progressQuery, resumeUpdate } from '../../src/workflows/messages';
import type { treeSearch } from '../../src/workflows/tree-search';
import type { FakeRun } from '../helpers/fake-activities';
import { JUST_BEGUN, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import type { RunHandle } from '../helpers/workflow-harness';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const TASK = {
  name: 'diamonds',
  goal: 'Predict the price of each diamond.',
  metric: 'rmse',
  direction: 'minimize',
  dataDirectory: '/tasks/diamonds/input',
  target: null,
  id: null,
  train: null,
  test: null,
  sample: null,
} as const;

const TOLD = { notify: { command: ['tell'] } };

/** The summaries of all dispatched activities, in order. */
async function summariesOf(handle: RunHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes, userMetadata }) => {
    if (activityTaskScheduledEventAttributes == null) return [];
    const payload = userMetadata?.summary;
    return [payload == null ? 'none' : String(defaultPayloadConverter.fromPayload(payload))];
  });
}

describe('in the UI', () => {
  it('every step has a summary that names its node', async () => {
    const run = fakeRun({ opened: { evaluation: 'holdout' } });
    const summaries = await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 8, seed: 11 });
      await handle.result();
      return summariesOf(handle);
    });

    expect(summaries).not.toContain('none');
    expect(summaries.slice(0, 3)).toEqual(['open the run', 'withhold rows', 'look at the data']);
    expect(summaries.slice(3, 8)).toEqual([
      'node 1 · draft',
      'node 1 · run the script',
      'node 1 · grade',
      'node 1 · review',
      'node 1 · record: 99',
    ]);
    expect(summaries).toContainEqual(expect.stringMatching(/^node \d · (improve|debug) of \d$/));
    expect(summaries).toContainEqual(expect.stringMatching(/^choose among \d/));
    expect(summaries).toContainEqual(expect.stringMatching(/^node \d · run the script on all the data$/));
    expect(summaries.at(-1)).toBe('write the report');
    for (const summary of summaries) expect(summary.length).toBeLessThan(60);
  });

  it('the current details follow the run and name every update', async () => {
    const run = fakeRun();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { execute } = run.activities;
    run.activities.execute = async (input) => {
      if (input.nodeId === 3) await held;
      return execute(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 3 });
      const details = async (): Promise<string> => (await handle.query(workflowMetadataQuery)).currentDetails ?? '';
      await waitUntil('the third script runs', async () => /node 3 .*its script runs/.test(await details()));
      const text = await details();
      expect(text).toContain('2 of 3 steps');
      expect(text).toContain('node 3 ·');
      expect(text).toMatch(/\| Best\u00a0\u00a0 \| \*\*\d+\*\*, node \d \|/);
      expect(text).toMatch(/Recorded last\*\*\n\n- node 2 · draft: 98.*\n- node 1 · draft: 99/);
      const { definition } = await handle.query(workflowMetadataQuery);
      for (const { name, description } of definition?.updateDefinitions ?? []) {
        expect(text).toContain(`\`${name ?? ''}\``);
        expect(description).not.toBe('');
      }
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      expect(await details()).toContain('### Paused by a person');
      await handle.executeUpdate(resumeUpdate);
      expect(await details()).toContain('### Running');
      release();
      await handle.result();
      expect(await details()).toContain('### Finished');
    });
  });
});

it('a run that continued as new says in its current details what its summary said, which Temporal does not take along', async () => {
  const run = fakeRun({ opened: { drainAt: { events: 60, bytes: 25 * 1024 * 1024 } } });
  const request = runSpecSchema.parse({ task: 'examples/diamonds', steps: 12 });
  const task = { ...PLAIN_TASK, ...TASK };
  await withWorkers(server.environment, run.activities, async () => {
    const { workflow } = server.environment.client;
    const handle = await workflow.start<typeof treeSearch>('treeSearch', {
      ...runLabels({ task, models: offlineModels(), request }),
      workflowId: 'run-with-labels',
      taskQueue: MAIN_TASK_QUEUE,
      args: [request],
    });
    await handle.result();
    const first = await workflow.getHandle('run-with-labels', handle.firstExecutionRunId).describe();
    const last = await workflow.getHandle('run-with-labels').describe();

    expect(await first.staticSummary()).toBe('diamonds: rmse (minimize), the offline model (no language model)');
    expect(await first.staticDetails()).toContain('> Predict the price of each diamond.');
    expect(last.runId).not.toBe(first.runId);
    // Once it is taken along, docs/watching.md has to say so.
    expect(await last.staticSummary()).toBeUndefined();
    const { currentDetails } = await workflow.getHandle('run-with-labels').query(workflowMetadataQuery);
    expect(currentDetails).toMatch(/\| Task\u00a0\u00a0 \| `diamonds`, minimize \|/);
  });
});

function told(run: FakeRun): string[] {
  return run.notified.map(({ event, best, stopReason, failureType, pauseReason }) =>
    [event, best?.metric, stopReason, failureType, pauseReason].filter((part) => part != null).join(' '),
  );
}

describe('telling people', () => {
  it('tells of each new best and of the end', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => [5, 7, 3, 4, 1][nodeId - 1] ?? 9 });
    await completeRun(server.environment, run.activities, { steps: 5, seed: 11, ...TOLD });

    expect(told(run)).toEqual(['new_best 5', 'new_best 3', 'new_best 1', 'finished 1 steps']);
    expect(run.notified[0]).toMatchObject({ way: 'command', opened: true, steps: { done: 1, total: 5 } });
  });

  it('tells of nothing when nobody wants to know, and of nothing else than what is wanted', async () => {
    const silent = fakeRun();
    await completeRun(server.environment, silent.activities, { steps: 2 });
    const run = fakeRun();
    const notify = { webhook: 'http://127.0.0.1/', command: ['tell'], on: ['finished' as const] };
    await completeRun(server.environment, run.activities, { steps: 2, notify });

    expect(silent.notified).toEqual([]);
    expect(run.notified.map(({ event, way }) => `${event} ${way}`).sort()).toEqual([
      'finished command',
      'finished webhook',
    ]);
  });

  it('neither delays nor fails the run: what waits meanwhile is told of as it is then', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 100 - nodeId });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { notify, publish } = run.activities;
    run.activities.notify = async (input) => {
      if (run.notified.length === 0) await held;
      await notify(input);
      throw ApplicationFailure.nonRetryable('nobody is there', 'NotifyFailed');
    };
    run.activities.publish = async (input) => {
      if (input.nodeId === 4) release();
      return publish(input);
    };
    const result = await completeRun(server.environment, run.activities, { steps: 5, ...TOLD });

    expect(result.nodes.working).toBe(5);
    expect(told(run)[0]).toBe('new_best 99');
    expect(told(run).at(-1)).toBe('finished 95 steps');
    expect(told(run).length).toBeLessThan(6);
  });

  it('tells once of a cause that pauses the run again and again, and again after a node got through', async () => {
    const run = fakeRun();
    let refusals = 0;
    const { draft } = run.activities;
    run.activities.draft = async (input) => {
      const limit = input.nodeId === 1 ? 3 : 4;
      if (refusals < limit) {
        refusals += 1;
        throw ApplicationFailure.nonRetryable('the key was refused', FailureType.ModelKeyRejected);
      }
      return draft(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2, ...TOLD });
      for (let seen = 1; seen <= 4; seen += 1) {
        await waitUntil('the run pauses', async () => {
          const { state } = await handle.query(progressQuery);
          return state === 'paused' && refusals === seen;
        });
        await handle.executeUpdate(resumeUpdate);
      }
      await handle.result();
    });

    expect(told(run)).toEqual([
      'paused model_key',
      'new_best 99',
      'paused 99 model_key',
      'new_best 98',
      'finished 98 steps',
    ]);
  });

  it('tells of a run that is cancelled, and of one that fails before its files are its own', async () => {
    const cancelled = fakeRun({ scriptMs: () => 60_000 });
    await withWorkers(server.environment, cancelled.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2, ...TOLD });
      await waitUntil('a script runs', () => cancelled.dispatched.length > 0);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    });
    const refused = fakeRun();
    refused.activities.openRun = async () => {
      throw ApplicationFailure.nonRetryable('no such task', FailureType.InvalidTask);
    };
    await expect(completeRun(server.environment, refused.activities, { ...TOLD })).rejects.toThrow();

    expect(told(cancelled)).toEqual(['finished cancelled']);
    expect(told(refused)).toEqual(['failed InvalidTask']);
    expect(refused.notified[0]?.opened).toBe(false);
  });

  it('does not tell again of what was there before: rebuilt from files, or continued as new', async () => {
    const tree = { parents: [0, 0], operators: 'dd', outcomes: 'ww', metrics: [1, 2] };
    const rebuilt = fakeRun({
      outcome: () => 5,
      opened: { recovered: { ...JUST_BEGUN, tree, completions: 2, bestCompletion: 1 } },
    });
    await completeRun(server.environment, rebuilt.activities, { steps: 3, ...TOLD });
    const long = fakeRun({
      outcome: ({ nodeId }) => (nodeId === 2 ? 1 : 50 + nodeId),
      opened: { drainAt: { events: 60, bytes: 25 * 1024 * 1024 } },
    });
    await completeRun(server.environment, long.activities, { steps: 12, ...TOLD });

    expect(told(rebuilt)).toEqual(['finished 1 steps']);
    expect(told(long)).toEqual(['new_best 51', 'new_best 1', 'finished 1 steps']);
  });
});
