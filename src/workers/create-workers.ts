import path from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import { Worker, type WorkerOptions as WorkerOptionsOfTemporal } from '@temporalio/worker';
import type { Activities } from '../activities/create-activities';
import {
  EXECUTE_TASK_QUEUE,
  GRADE_TASK_QUEUE,
  MAIN_TASK_QUEUE,
  hostTaskQueue,
  modelTaskQueue,
} from '../domain/task-queues';
import type { Redactor } from '../store/redaction/redactor';
import type { ModelEndpoint } from './model-endpoints';
import { redactFailures } from './redact-failures';
import { scriptTuner, type ScriptSlots } from './script-slots';
import { PACKAGE_DIRECTORY } from './settings';

/** What a worker does: everything; the search with its model calls; running scripts; or scoring by what is withheld. */
export type WorkerRole = 'all' | 'search' | 'exec' | 'grade';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  readonly role: WorkerRole;
  /** Names this host's own task queue. */
  readonly hostId: string;
  readonly scripts: ScriptSlots;
  /** Endpoints whose model calls this worker can make. */
  readonly modelEndpoints: readonly ModelEndpoint[];
  /** For what goes wrong in activities. */
  readonly redactor: Redactor;
}

/** Workers of one process, one for each task queue, that live and end together. */
export interface WorkerSet {
  readonly taskQueues: readonly string[];
  /** Resolves after `shutdown`, when every worker has ended; rejects when one of them fails. */
  run(): Promise<void>;
  /** Takes no new work and ends what is running, but leaves scripts to their supervisors. */
  shutdown(): void;
}

/** A cancellation reaches a script only with a heartbeat that is really sent. */
const HEARTBEAT_THROTTLE = '2s';

/** Time that steps have to end after a shutdown: answers and results are still stored. */
const SHUTDOWN_FORCE_TIME = '30s';

const MODEL_CALLS_AT_ONCE = 64;

/** Scripts that run already and are taken over; watching costs next to nothing. */
const TAKEN_OVER_AT_ONCE = 256;

const GRADES_AT_ONCE = 4;

const WORKFLOW_BUNDLE = path.join(PACKAGE_DIRECTORY, 'lib', 'workflow-bundle.js');

export async function createWorkers(options: WorkerOptions): Promise<WorkerSet> {
  const { connection, namespace } = options;
  const shared = {
    connection,
    namespace,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
    interceptors: { activity: [redactFailures(options.redactor)] },
  };
  const workers: Worker[] = [];
  for (const queue of queuesOf(options)) workers.push(await Worker.create({ ...shared, ...queue }));
  return workerSet(workers);
}

type Queue = Pick<
  WorkerOptionsOfTemporal,
  | 'taskQueue'
  | 'workflowBundle'
  | 'activities'
  | 'maxConcurrentActivityTaskExecutions'
  | 'maxTaskQueueActivitiesPerSecond'
  | 'tuner'
>;

function queuesOf(options: WorkerOptions): Queue[] {
  const { role } = options;
  return [
    ...(role === 'all' || role === 'search' ? searchQueues(options) : []),
    ...(role === 'all' || role === 'exec' ? scriptQueues(options) : []),
    ...(role === 'all' || role === 'grade' ? [gradeQueue(options)] : []),
  ];
}

function searchQueues({ activities, modelEndpoints }: WorkerOptions): Queue[] {
  const { openRun, preview, checkModels, saveState, locate, publish, report, notify } = activities;
  const { hint, storeInjected, inject, note } = activities;
  return [
    {
      taskQueue: MAIN_TASK_QUEUE,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      activities: {
        openRun,
        preview,
        checkModels,
        saveState,
        locate,
        hint,
        storeInjected,
        inject,
        note,
        publish,
        report,
        notify,
      },
    },
    ...modelEndpoints.map((endpoint) => modelQueue(activities, endpoint)),
  ];
}

/** Each task of it is one request, so that the server's rate for the queue holds over all workers. */
function modelQueue(activities: Activities, { name, requestsPerMinute }: ModelEndpoint): Queue {
  const { draft, improve, debug, review, digest, summarize } = activities;
  return {
    taskQueue: modelTaskQueue(name),
    activities: { draft, improve, debug, review, digest, summarize },
    maxConcurrentActivityTaskExecutions: MODEL_CALLS_AT_ONCE,
    ...(requestsPerMinute === null ? {} : { maxTaskQueueActivitiesPerSecond: requestsPerMinute / 60 }),
  };
}

function scriptQueues({ activities: { execute }, hostId, scripts }: WorkerOptions): Queue[] {
  return [
    {
      taskQueue: hostTaskQueue(hostId),
      activities: { execute },
      maxConcurrentActivityTaskExecutions: TAKEN_OVER_AT_ONCE,
    },
    { taskQueue: EXECUTE_TASK_QUEUE, activities: { execute }, tuner: scriptTuner(scripts) },
  ];
}

function gradeQueue({ activities: { split, grade, select } }: WorkerOptions): Queue {
  return {
    taskQueue: GRADE_TASK_QUEUE,
    activities: { split, grade, select },
    maxConcurrentActivityTaskExecutions: GRADES_AT_ONCE,
  };
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
