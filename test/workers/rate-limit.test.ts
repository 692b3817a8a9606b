import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import type { Activities } from '../../src/activities/create-activities';
import { Redactor } from '../../src/store/redaction/redactor';
import { createWorkers } from '../../src/workers/create-workers';
import type { WorkerRole } from '../../src/workers/create-workers';
import { THIS_HOST, fakeRun } from '../helpers/fake-activities';
import { quietTemporal, startRun, startTestServer } from '../helpers/workflow-harness';

const REQUESTS_PER_MINUTE = 120;

/** The server keeps a queue in four parts, each with its share of the rate and some requests ahead of it. */
const BURST = 10;

let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  quietTemporal();
  environment = await startTestServer();
});

afterAll(() => environment.teardown());

/** The workers of a process of their own, as far as the server can tell. */
async function workersOf(activities: Activities, role: WorkerRole) {
  const connection = await NativeConnection.connect({ address: environment.address });
  const workers = await createWorkers({
    connection,
    namespace: environment.namespace ?? 'default',
    activities,
    role,
    hostId: THIS_HOST,
    scripts: { slots: 8, countOthers: async () => 0 },
    modelEndpoints: [{ name: 'fake', requestsPerMinute: REQUESTS_PER_MINUTE }],
    redactor: new Redactor(),
  });
  const ended = workers.run().finally(() => connection.close());
  return { shutdown: () => workers.shutdown(), ended };
}

test('the requests of all workers together keep to the rate of the endpoint', async () => {
  const { activities } = fakeRun({ outcome: () => 1 });
  const sent: number[] = [];
  const counted: Activities = {
    ...activities,
    draft: (input) => {
      sent.push(Date.now());
      return activities.draft(input);
    },
    review: (input) => {
      sent.push(Date.now());
      return activities.review(input);
    },
  };
  const workers = [await workersOf(counted, 'all'), await workersOf(counted, 'search')];
  try {
    const spec = { steps: 10, parallel: 10, policy: { numDrafts: 10 } };
    await (await startRun(environment, spec)).result();
  } finally {
    for (const { shutdown } of workers) shutdown();
    await Promise.all(workers.map(({ ended }) => ended));
  }
  expect(sent).toHaveLength(20);
  const seconds = (Math.max(...sent) - Math.min(...sent)) / 1000;
  expect(seconds).toBeGreaterThan((sent.length - BURST) / (REQUESTS_PER_MINUTE / 60));
});
