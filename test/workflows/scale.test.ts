import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { measureScale } from '../../bench/measure-scale';
import { quietTemporal, startTestServer } from '../helpers/workflow-harness';

let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  quietTemporal();
  environment = await startTestServer('limit.historyCount.suggestContinueAsNew=250');
});

afterAll(async () => {
  await environment.teardown();
});

// The small version of `npm run bench:scale`, which also measures whether nodes get slower with the tree.
it('needs few events, little history and little state for a node', async () => {
  const measured = await measureScale(environment, 40);
  expect(measured).toMatchObject({ nodes: 40 });
  expect(measured.failed).toBeGreaterThanOrEqual(5);
  expect(measured.runsOfChain).toBeGreaterThan(2);
  expect(measured.eventsPerNode).toBeLessThanOrEqual(30);
  expect(measured.historyBytesPerNode).toBeLessThanOrEqual(15_000);
  expect(measured.stateBytesPerNode).toBeGreaterThan(5);
  expect(measured.stateBytesPerNode).toBeLessThanOrEqual(60);
}, 300_000);
