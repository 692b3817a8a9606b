import type { Activities } from '../../src/activities/create-activities';
import { modelTaskQueue } from '../../src/domain/task-queues';
import { progressQuery, resumeUpdate } from '../../src/workflows/messages';
import { fakeRun, routesTo } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { fakeWorker, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const MODEL_QUEUE = modelTaskQueue('fake');

const server = workflowServer({ waits: { MODEL_WORKER_TIMEOUT: '2s' } });

function withoutModel(activities: Activities, body: () => Promise<void>): Promise<void> {
  return withWorkers(server.environment, activities, body, {
    without: [MODEL_QUEUE],
    workflowBundle: server.impatient,
  });
}

describe('a model that no worker polls for', () => {
  it('is asked once more, as the machine may only have been off, before the run pauses', async () => {
    const { activities, published } = fakeRun();
    await withoutModel(activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      expect((await handle.query(progressQuery)).pause?.reason).toBe('model_no_worker');
      const { events } = await handle.fetchHistory();
      const asked = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
      expect(asked.filter((activity) => activity.activityType?.name === 'draft')).toHaveLength(2);
      const model = await fakeWorker(server.environment, MODEL_QUEUE, activities);
      await model.runUntil(async () => {
        await handle.executeUpdate(resumeUpdate);
        await handle.result();
      });
      expect(published.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
    });
  });

  it('is found under its corrected address without a pause', async () => {
    const { activities, saved } = fakeRun({ opened: { modelRoutes: routesTo('mistyped') } });
    await withoutModel(activities, async () => {
      const model = await fakeWorker(server.environment, MODEL_QUEUE, activities);
      const result = await model.runUntil(async () => (await startRun(server.environment, { steps: 2 })).result());
      expect(result.nodes).toEqual({ working: 2, failed: 0 });
      expect(saved).toEqual([]);
    });
  });
});
