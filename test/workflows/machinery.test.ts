import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import { progressQuery, resumeUpdate, stopUpdate } from '../../src/workflows/messages';
import { ONE_CALL, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

describe('machinery that fails', () => {
  it.each([
    [FailureType.ModelKeyRejected, 'model_key'],
    [FailureType.ModelQuotaExhausted, 'model_quota'],
  ])('pauses on %s without using up a step, and resume goes on', async (type, reason) => {
    const run = fakeRun();
    let refuse = true;
    const { draft } = run.activities;
    run.activities.draft = async (input) => {
      if (input.nodeId === 2 && refuse) throw ApplicationFailure.nonRetryable('the key was refused', type);
      return draft(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 4 });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      expect(await handle.query(progressQuery)).toMatchObject({ pause: { reason, message: 'the key was refused' } });
      await waitUntil('the pause is saved', () => run.saved.some((state) => state.pause?.reason === reason));
      refuse = false;
      await handle.executeUpdate(resumeUpdate);
      const result = await handle.result();
      expect(result.nodes.working + result.nodes.failed).toBe(4);
      expect(run.published.map((node) => node.nodeId)).toEqual([1, 2, 3, 4]);
    });
  });

  it('dispatches a script again when its worker shuts down, without counting', async () => {
    const run = fakeRun();
    const { execute } = run.activities;
    let shutdowns = 0;
    run.activities.execute = async (input) => {
      if (input.nodeId === 2 && shutdowns < 4) {
        shutdowns += 1;
        throw ApplicationFailure.create({ message: 'bye', type: FailureType.WorkerShutdown });
      }
      return execute(input);
    };
    const result = await completeRun(server.environment, run.activities, { steps: 3 });
    expect(shutdowns).toBe(4);
    expect(result.nodes).toEqual({ working: 2, failed: 1 });
    expect(run.executed).toEqual([1, 2, 3]);
  });

  it('gives a script up as killed after twenty beginnings', async () => {
    const run = fakeRun();
    let begins = 0;
    run.activities.execute = async () => {
      begins += 1;
      throw ApplicationFailure.create({ message: 'bye', type: FailureType.WorkerShutdown });
    };
    await completeRun(server.environment, run.activities, { steps: 1 });
    expect(begins).toBe(20);
    expect(run.published).toMatchObject([{ status: 'failed', reason: 'killed', metric: null }]);
  });

  it('goes on when the first record of a node cannot be written', async () => {
    const run = fakeRun();
    const { publish } = run.activities;
    let failures = 2;
    run.activities.publish = async (input) => {
      if (failures > 0) {
        failures -= 1;
        throw ApplicationFailure.create({ message: 'disk', type: FailureType.StoreUnavailable });
      }
      return publish(input);
    };
    const result = await completeRun(server.environment, run.activities, { steps: 3 });
    expect(result.nodes.working + result.nodes.failed).toBe(3);
    expect(run.published.map((node) => node.nodeId)).toEqual([1, 2, 3]);
  });

  it('can be stopped while it waits for room to record a node', async () => {
    const run = fakeRun();
    run.activities.publish = async () => {
      throw ApplicationFailure.nonRetryable('no space left on device', FailureType.DiskFull);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 3 });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', best: { id: 1 } });
    });
  });

  it('does not execute what the model gave no code for, and does not trust what the reviewer calls a bug', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => nodeId });
    const { draft, review } = run.activities;
    run.activities.draft = async (input) =>
      input.nodeId === 1 ? { status: 'failed', reason: 'no_code', usage: { ...ONE_CALL, calls: 3 } } : draft(input);
    run.activities.review = async (input) =>
      input.nodeId === 2 ? { ...(await review(input)), verdict: 'bug' } : review(input);
    const result = await completeRun(server.environment, run.activities, { steps: 3 });
    expect(run.published.map(({ reason, metric }) => [reason, metric])).toEqual([
      ['no_code', null],
      ['reviewer_bug', null],
      [null, 3],
    ]);
    expect(result).toMatchObject({ best: { id: 3 }, usage: { calls: 7 } });
    expect(run.executed).toEqual([2, 3]);
  });
});
