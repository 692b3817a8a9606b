import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Activities } from '../../src/activities/create-activities';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { RunResult } from '../../src/domain/steps';
import { MAIN_TASK_QUEUE } from '../../src/domain/task-queues';
import { createWorkers } from '../../src/workers/create-workers';
import type { treeSearch } from '../../src/workflows/tree-search';
import { temporalCliPath } from './temporal-cli';

export type RunHandle = WorkflowHandle<typeof treeSearch>;

/** Keeps the SDK's own log out of the tests' output; once a test file, before anything else of Temporal's. */
export function quietTemporal(): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** The Temporal server that set-up installs, in memory, with the pacing that the embedded server has. */
export async function startTestServer(...dynamicConfig: string[]): Promise<TestWorkflowEnvironment> {
  const values = ['history.transferProcessorMaxPollRPS=2000', ...dynamicConfig];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalCliPath() },
      extraArgs: values.flatMap((value) => ['--dynamic-config-value', value]),
    },
  });
}

export async function startRun(
  environment: TestWorkflowEnvironment,
  spec: Partial<RunSpecInput>,
  workflowId = `run-${randomUUID()}`,
): Promise<RunHandle> {
  return environment.client.workflow.start<typeof treeSearch>('treeSearch', {
    workflowId,
    taskQueue: MAIN_TASK_QUEUE,
    args: [{ task: 'anything', ...spec }],
  });
}

/** Runs real workers with the given activities while `body` lasts. */
export async function withWorkers<Result>(
  environment: TestWorkflowEnvironment,
  activities: Activities,
  body: () => Promise<Result>,
  slots = 4,
): Promise<Result> {
  const workers = await createWorkers({
    connection: environment.nativeConnection,
    namespace: environment.namespace ?? 'default',
    activities,
    role: 'all',
    slots,
    modelEndpoints: ['fake'],
  });
  const running = workers.run();
  try {
    return await Promise.race([body(), running.then(() => Promise.reject(new Error('the workers ended early')))]);
  } finally {
    workers.shutdown();
    await running;
  }
}

/** A whole run with fake activities: its result. */
export async function completeRun(
  environment: TestWorkflowEnvironment,
  activities: Activities,
  spec: Partial<RunSpecInput>,
): Promise<RunResult> {
  return withWorkers(environment, activities, async () => (await startRun(environment, spec)).result());
}
