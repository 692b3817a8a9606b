import path from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../activities/create-activities';
import { EXECUTE_TASK_QUEUE, MAIN_TASK_QUEUE, modelTaskQueue } from '../domain/task-queues';
import { PACKAGE_DIRECTORY } from './settings';

/** What a worker does: everything, the search with its model calls, or only running scripts. */
export const WORKER_ROLES = ['all', 'search', 'exec'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  readonly role: WorkerRole;
  /** Scripts run at once. */
  readonly slots: number;
  /** Endpoints whose model calls this worker can make. */
  readonly modelEndpoints: readonly string[];
}

/** Workers of one process, one for each task queue, that live and end together. */
export interface WorkerSet {
  readonly taskQueues: readonly string[];
  /** Resolves after `shutdown`, when every worker has ended; rejects when one of them fails. */
  run(): Promise<void>;
  /** Takes no new work and ends what is running; scripts are ended, too. */
  shutdown(): void;
}

/** A cancellation reaches a script only with a heartbeat that is really sent. */
const HEARTBEAT_THROTTLE = '2s';

/** Time that steps have to end after a shutdown: a script's grace and what is stored afterwards. */
const SHUTDOWN_FORCE_TIME = '30s';

const MODEL_CALLS_AT_ONCE = 64;

const WORKFLOW_BUNDLE = path.join(PACKAGE_DIRECTORY, 'lib', 'workflow-bundle.js');

export async function createWorkers(options: WorkerOptions): Promise<WorkerSet> {
  const { connection, namespace, activities, role, slots, modelEndpoints } = options;
  const shared = {
    connection,
    namespace,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  };
  const { draft, improve, debug, review, execute, ...fileSteps } = activities;
  const workers: Worker[] = [];
  if (role !== 'exec') {
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: MAIN_TASK_QUEUE,
        workflowBundle: { codePath: WORKFLOW_BUNDLE },
        activities: { ...fileSteps },
      }),
    );
    for (const endpoint of modelEndpoints) {
      workers.push(
        await Worker.create({
          ...shared,
          taskQueue: modelTaskQueue(endpoint),
          activities: { draft, improve, debug, review },
          maxConcurrentActivityTaskExecutions: MODEL_CALLS_AT_ONCE,
        }),
      );
    }
  }
  if (role !== 'search') {
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: EXECUTE_TASK_QUEUE,
        activities: { execute },
        maxConcurrentActivityTaskExecutions: slots,
      }),
    );
  }
  return workerSet(workers);
}

function workerSet(workers: readonly Worker[]): WorkerSet {
  const shutdown = (): void => {
    for (const worker of workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
  };
  return {
    taskQueues: workers.map((worker) => worker.options.taskQueue),
    shutdown,
    run: async () => {
      const runs = workers.map(async (worker) => {
        try {
          await worker.run();
        } finally {
          shutdown();
        }
      });
      await Promise.all(runs);
    },
  };
}
