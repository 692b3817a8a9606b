import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkerOptions } from '@temporalio/worker';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities/create-activities';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { RunResult } from '../../src/domain/steps';
import {
  EXECUTE_TASK_QUEUE,
  GRADE_TASK_QUEUE,
  MAIN_TASK_QUEUE,
  hostTaskQueue,
  modelTaskQueue,
} from '../../src/domain/task-queues';
import type { treeSearch } from '../../src/workflows/tree-search';
import { THIS_HOST } from './fake-activities';
import { temporalCliPath } from './temporal-cli';

export type RunHandle = WorkflowHandle<typeof treeSearch>;

/** The workflow as set-up built it. */
export const BUILT_WORKFLOW = { codePath: path.join(__dirname, '..', '..', 'lib', 'workflow-bundle.js') };

const QUEUES = [
  MAIN_TASK_QUEUE,
  modelTaskQueue('fake'),
  EXECUTE_TASK_QUEUE,
  hostTaskQueue(THIS_HOST),
  GRADE_TASK_QUEUE,
];

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

export interface FakeWorkers {
  /** Scripts at once on the shared queue; default 4. */
  readonly slots?: number;
  /** Queues that no worker polls. */
  readonly without?: readonly string[];
  /** Default: the built one. */
  readonly workflowBundle?: NonNullable<WorkerOptions['workflowBundle']>;
}

/** Runs workers with the given activities, one for every queue, while `body` lasts. */
export async function withWorkers<Result>(
  environment: TestWorkflowEnvironment,
  activities: Activities,
  body: () => Promise<Result>,
  { slots = 4, without = [], workflowBundle = BUILT_WORKFLOW }: FakeWorkers = {},
): Promise<Result> {
  const queues = QUEUES.filter((queue) => !without.includes(queue));
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      fakeWorker(environment, taskQueue, activities, {
        ...(taskQueue === MAIN_TASK_QUEUE ? { workflowBundle } : {}),
        ...(taskQueue === EXECUTE_TASK_QUEUE ? { maxConcurrentActivityTaskExecutions: slots } : {}),
      }),
    ),
  );
  const nested = workers.reduce<() => Promise<Result>>((inner, worker) => () => worker.runUntil(inner), body);
  return nested();
}

/** A worker of one queue that offers all of the activities. */
export async function fakeWorker(
  environment: TestWorkflowEnvironment,
  taskQueue: string,
  activities: Partial<Activities>,
  options: Partial<WorkerOptions> = {},
): Promise<Worker> {
  return Worker.create({
    connection: environment.nativeConnection,
    namespace: environment.namespace ?? 'default',
    taskQueue,
    activities: { ...activities },
    maxHeartbeatThrottleInterval: '200ms',
    defaultHeartbeatThrottleInterval: '200ms',
    ...options,
  });
}

/** A whole run with fake activities: its result. */
export async function completeRun(
  environment: TestWorkflowEnvironment,
  activities: Activities,
  spec: Partial<RunSpecInput>,
): Promise<RunResult> {
  return withWorkers(environment, activities, async () => (await startRun(environment, spec)).result());
}
