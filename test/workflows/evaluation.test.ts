import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import { GRADE_TASK_QUEUE } from '../../src/domain/task-queues';
import { progressQuery, resumeUpdate, stopUpdate } from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import type { RunHandle } from '../helpers/workflow-harness';
import { completeRun, fakeWorker, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer({ waits: { GRADE_WORKER_TIMEOUT: '1s' } });

async function scheduled(handle: RunHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
}

const paused = async (handle: RunHandle) => (await handle.query(progressQuery)).state === 'paused';

const holdout = (): FakeRun =>
  fakeRun({ outcome: ({ nodeId }) => 100 - nodeId, opened: { evaluation: 'auto', direction: 'minimize' } });

describe('hidden rows', () => {
  it('are withheld before anything looks at the data, and every node is scored on them', async () => {
    const run = holdout();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      await handle.result();
      const steps = ['openRun', 'split', 'preview', 'draft', 'execute', 'grade', 'review', 'publish'];
      expect((await scheduled(handle)).slice(0, steps.length)).toEqual(steps);
      expect((await handle.fetchHistory()).events?.length).toBeLessThanOrEqual(36 + 45);
    });
    expect(run.dispatched[0]?.needsMetric).toBe(false);
  });

  it('are not asked for where scripts report their scores', async () => {
    const run = fakeRun();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await handle.result();
      expect(await scheduled(handle)).not.toEqual(expect.arrayContaining(['split']));
      expect(await scheduled(handle)).not.toEqual(expect.arrayContaining(['grade']));
    });
    expect(run.dispatched[0]?.needsMetric).toBe(true);
  });

  it('pause the run while no worker grades; it goes on when one comes', async () => {
    const run = holdout();
    const body = async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the run pauses', () => paused(handle));
      const { pause } = await handle.query(progressQuery);
      expect(pause).toMatchObject({
        reason: 'no_grade_worker',
        message: expect.stringContaining('--role grade') as unknown,
      });
      expect(run.proposed).toEqual([]);
      await waitUntil('the pause is in the files', () =>
        Promise.resolve(run.saved.at(-1)?.pause?.reason === 'no_grade_worker'),
      );
      const grade = await fakeWorker(server.environment, GRADE_TASK_QUEUE, run.activities);
      await grade.runUntil(async () => {
        await handle.executeUpdate(resumeUpdate);
        expect((await handle.result()).nodes.working).toBe(2);
      });
    };
    await withWorkers(server.environment, run.activities, body, {
      without: [GRADE_TASK_QUEUE],
      workflowBundle: server.impatient,
    });
  });

  it('do not hold up a stop while no worker grades', async () => {
    const run = holdout();
    const body = async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the run pauses', () => paused(handle));
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', best: null });
      expect(run.reported).toMatchObject([{ stopReason: 'stopped' }]);
    };
    await withWorkers(server.environment, run.activities, body, {
      without: [GRADE_TASK_QUEUE],
      workflowBundle: server.impatient,
    });
  });

  it('that do not fit fail the node, and grading that does not work pauses the run', async () => {
    const run = holdout();
    const { grade } = run.activities;
    let broken = true;
    run.activities.grade = async (input) => {
      if (input.nodeId === 2 && broken) throw ApplicationFailure.nonRetryable('no scorer', FailureType.GradingFailed);
      return input.nodeId === 1 ? { status: 'failed', reason: 'bad_submission' } : grade(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the run pauses', () => paused(handle));
      expect((await handle.query(progressQuery)).pause).toEqual({ reason: 'grading_failed', message: 'no scorer' });
      broken = false;
      await handle.executeUpdate(resumeUpdate);
      await handle.result();
    });
    expect(run.published.map(({ reason, metric }) => [reason, metric])).toEqual([
      ['bad_submission', null],
      [null, 98],
    ]);
  });
});

describe('doubts', () => {
  it('of the reviewer mark a node that others score, and fail one that scores itself', async () => {
    const outcomes = [];
    for (const run of [holdout(), fakeRun({ outcome: () => 99 })]) {
      const { review } = run.activities;
      run.activities.review = async (input) => ({ ...(await review(input)), verdict: 'bug' });
      await completeRun(server.environment, run.activities, { steps: 1 });
      outcomes.push(run.published.map(({ status, reason, marks }) => [status, reason, marks.map(({ kind }) => kind)]));
    }
    expect(outcomes).toEqual([[['working', null, ['reviewer_bug']]], [['failed', 'reviewer_bug', []]]]);
  });

  it('mark a score that is far ahead of all others, when it is recorded and again at the end', async () => {
    const run = fakeRun({
      outcome: ({ nodeId }) => (nodeId === 7 ? 0.01 : 100 - nodeId),
      opened: { evaluation: 'holdout' },
    });
    await completeRun(server.environment, run.activities, { steps: 8 });
    const marked = run.published.filter(({ marks }) => marks.length > 0);
    expect(marked).toMatchObject([{ nodeId: 7, marks: [{ kind: 'too_good' }] }]);
    expect(run.selected[0]?.candidates.map(({ id, marks }) => [id, marks.length])).toEqual([
      [7, 1],
      [8, 0],
      [6, 0],
      [5, 0],
      [4, 0],
    ]);
  });
});

describe('data that changed', () => {
  it('under a script pauses the run, names the node, and is accepted by a resume', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 100 - nodeId });
    const { publish } = run.activities;
    run.activities.publish = async (input) => ({
      ...(await publish(input)),
      dataChanged: input.nodeId === 2 ? 'train.csv is shorter' : null,
    });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 4 });
      await waitUntil('the run pauses', () => paused(handle));
      const { pause } = await handle.query(progressQuery);
      expect(pause?.reason).toBe('data_changed');
      for (const words of ['node 2', 'train.csv is shorter', 'coppice resume']) expect(pause?.message).toContain(words);
      expect(run.proposed).toHaveLength(2);
      await waitUntil('the pause is saved', () => run.saved.some((state) => state.pause?.reason === 'data_changed'));
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes.working).toBe(4);
    });
  });

  it('before a script pauses the run at once, and is looked at again after a resume', async () => {
    const run = fakeRun();
    const { execute } = run.activities;
    let asked = 0;
    run.activities.execute = async (input) => {
      asked += 1;
      if (asked === 1) throw ApplicationFailure.create({ message: 'train.csv is gone', type: FailureType.DataChanged });
      return execute(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      await waitUntil('the run pauses', () => paused(handle));
      const message = expect.stringMatching(/^train\.csv is gone; .*coppice resume/) as unknown;
      expect((await handle.query(progressQuery)).pause).toEqual({ reason: 'data_changed', message });
      expect(asked).toBe(1);
      await handle.executeUpdate(resumeUpdate);
      expect((await handle.result()).nodes.working).toBe(1);
    });
  });
});
