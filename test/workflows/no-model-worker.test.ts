import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities/create-activities';
import { EXECUTE_TASK_QUEUE, MAIN_TASK_QUEUE, modelTaskQueue } from '../../src/domain/task-queues';
import { progressQuery, resumeUpdate } from '../../src/workflows/messages';
import { bundleVariant } from '../helpers/bundle-variant';
import { fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { quietTemporal, startRun, startTestServer } from '../helpers/workflow-harness';

let environment: TestWorkflowEnvironment;
let impatient: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  quietTemporal();
  environment = await startTestServer();
  impatient = await bundleVariant('step-activities.ts', (source) =>
    source.replace(/MODEL_WORKER_TIMEOUT = '\w+'/, "MODEL_WORKER_TIMEOUT = '2s'"),
  );
});

afterAll(async () => {
  await environment.teardown();
});

function worker(taskQueue: string, activities: Activities): Promise<Worker> {
  const connection = environment.nativeConnection;
  const workflowBundle = taskQueue === MAIN_TASK_QUEUE ? { workflowBundle: impatient } : {};
  return Worker.create({ connection, taskQueue, activities: { ...activities }, ...workflowBundle });
}

/** Workers for everything but the model. */
async function withoutModel(activities: Activities, body: () => Promise<void>): Promise<void> {
  const search = await worker(MAIN_TASK_QUEUE, activities);
  const exec = await worker(EXECUTE_TASK_QUEUE, activities);
  await search.runUntil(() => exec.runUntil(body));
}

describe('a model that no worker polls for', () => {
  it('is asked once more, as the machine may only have been off, before the run pauses', async () => {
    const { activities, published } = fakeRun();
    await withoutModel(activities, async () => {
      const handle = await startRun(environment, { steps: 2 });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      expect((await handle.query(progressQuery)).pause?.reason).toBe('model_no_worker');
      const { events } = await handle.fetchHistory();
      const asked = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
      expect(asked.filter((activity) => activity.activityType?.name === 'draft')).toHaveLength(2);
      const model = await worker(modelTaskQueue('fake'), activities);
      await model.runUntil(async () => {
        await handle.executeUpdate(resumeUpdate);
        await handle.result();
      });
      expect(published.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
    });
  });

  it('is found under its corrected address without a pause', async () => {
    const { activities, saved } = fakeRun({ opened: { modelEndpoint: 'mistyped' } });
    await withoutModel(activities, async () => {
      const model = await worker(modelTaskQueue('fake'), activities);
      const result = await model.runUntil(async () => (await startRun(environment, { steps: 2 })).result());
      expect(result.nodes).toEqual({ working: 2, failed: 0 });
      expect(saved).toEqual([]);
    });
  });
});
