import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import { modelTaskQueue } from '../../src/domain/task-queues';
import { progressQuery, resumeUpdate } from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { fakeRun, routesTo } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import type { FakeWorkers, RunHandle } from '../helpers/workflow-harness';
import { fakeWorker, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer({ waits: { MODEL_WORKER_TIMEOUT: '2s' } });

const ROUTES = routesTo('fake', 'spare');

const paused = async (handle: RunHandle) => (await handle.query(progressQuery)).state === 'paused';

/** Workers for both endpoints. */
async function withSpare(run: FakeRun, body: () => Promise<unknown>, options: FakeWorkers = {}): Promise<void> {
  const spare = await fakeWorker(server.environment, modelTaskQueue('spare'), run.activities);
  await withWorkers(server.environment, run.activities, () => spare.runUntil(body), options);
}

/** Has a model refuse all calls until it is mended; `calls` counts those that it refused. */
function breakModel(run: FakeRun, model: number, type: FailureType): { mended: boolean; calls: number } {
  const state = { mended: false, calls: 0 };
  const guard = (input: { readonly model: number }): void => {
    if (input.model !== model || state.mended) return;
    state.calls += 1;
    throw ApplicationFailure.nonRetryable(`model ${model} refused`, type);
  };
  const { draft, improve, debug, review, digest, summarize } = run.activities;
  const guarded =
    <Input extends { readonly model: number }, Result>(step: (input: Input) => Promise<Result>) =>
    async (input: Input) => {
      guard(input);
      return step(input);
    };
  Object.assign(run.activities, {
    draft: guarded(draft),
    improve: guarded(improve),
    debug: guarded(debug),
    review: guarded(review),
    digest: guarded(digest),
    summarize: guarded(summarize),
  });
  return state;
}

describe('a fallback', () => {
  it('answers at once while the preferred model is down, which every role then keeps away from', async () => {
    const run = fakeRun({ opened: { modelRoutes: ROUTES } });
    const broken = breakModel(run, 0, FailureType.ModelUnreachable);
    await withSpare(run, async () => {
      const result = await (await startRun(server.environment, { steps: 6 })).result();
      expect(result.nodes.working + result.nodes.failed).toBe(6);
    });
    expect(broken.calls).toBe(1);
    expect(new Set(run.proposed.map(({ model }) => model))).toEqual(new Set([1]));
    expect(run.saved.filter(({ pause }) => pause !== null)).toEqual([]);
  });

  it('still answers after continue-as-new, without another call to the model that is down', async () => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const run = fakeRun({ opened: { modelRoutes: ROUTES, drainAt } });
    const broken = breakModel(run, 0, FailureType.ModelQuotaExhausted);
    await withSpare(run, async () => {
      const handle = await startRun(server.environment, { steps: 12 });
      await handle.result();
      const { runId, raw } = await handle.describe();
      expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(runId);
    });
    expect(broken.calls).toBe(1);
  });

  it('is not used by a pause of its own: only when it fails, too, the run pauses, for the first one and says so', async () => {
    const run = fakeRun({ opened: { modelRoutes: ROUTES } });
    run.activities.checkModels = async () => ({ modelRoutes: ROUTES });
    const first = breakModel(run, 0, FailureType.ModelKeyRejected);
    const second = breakModel(run, 1, FailureType.ModelQuotaExhausted);
    await withSpare(run, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the run pauses', () => paused(handle));
      expect((await handle.query(progressQuery)).pause).toEqual({
        reason: 'model_key',
        message: 'model 0 refused; its fallbacks failed, too (model_quota)',
      });
      expect([first.calls, second.calls]).toEqual([1, 1]);
      first.mended = true;
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes.working).toBe(2);
    });
    expect(run.proposed.map(({ model }) => model)).toEqual([0, 0]);
    expect(second.calls).toBe(1);
  });

  it('at the same endpoint is a model of its own', async () => {
    const run = fakeRun({ opened: { modelRoutes: routesTo('fake', 'fake') } });
    const broken = breakModel(run, 0, FailureType.ModelRequestRejected);
    await withWorkers(server.environment, run.activities, async () =>
      (await startRun(server.environment, { steps: 3 })).result(),
    );
    expect(broken.calls).toBe(1);
    expect(run.proposed.map(({ model }) => model)).toEqual([1, 1, 1]);
  });

  it('steps in when no worker polls the preferred endpoint', async () => {
    const run = fakeRun({ opened: { modelRoutes: ROUTES } });
    run.activities.checkModels = async () => ({ modelRoutes: ROUTES });
    const body = async () => {
      const handle = await startRun(server.environment, { steps: 3 });
      const result = await handle.result();
      expect(result.nodes).toEqual({ working: 2, failed: 1 });
      expect(result.elapsedSeconds).toBeLessThan(12);
    };
    await withSpare(run, body, { without: [modelTaskQueue('fake')], workflowBundle: server.impatient });
    expect(run.proposed.map(({ model }) => model)).toEqual([1, 1, 1]);
    expect(run.saved.filter(({ pause }) => pause !== null)).toEqual([]);
  });
});

describe('a step that asks again as a new attempt', () => {
  it('may do so more often than Temporal tries at a time, without a pause', async () => {
    const run = fakeRun();
    const { draft } = run.activities;
    let left = 7;
    run.activities.draft = async (input) => {
      if (left === 0) return draft(input);
      left -= 1;
      throw ApplicationFailure.create({ message: 'no code', type: FailureType.AskAgain, nextRetryDelay: '1ms' });
    };
    await withWorkers(server.environment, run.activities, async () =>
      (await startRun(server.environment, { steps: 1 })).result(),
    );
    expect(left).toBe(0);
    expect(run.published).toHaveLength(1);
    expect(run.saved.filter(({ pause }) => pause !== null)).toEqual([]);
  });
});

describe('a prompt that does not fit', () => {
  it('is not sent again as it is', async () => {
    const run = fakeRun();
    let calls = 0;
    run.activities.draft = async () => {
      calls += 1;
      throw ApplicationFailure.create({ message: 'too long', type: FailureType.ContextTooLong });
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      await waitUntil('the run pauses', () => paused(handle));
      expect((await handle.query(progressQuery)).pause?.reason).toBe('model_rejected');
      await handle.terminate();
    });
    expect(calls).toBe(1);
  });
});
