import type { ActivityCancellationType, ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { proxyActivities } from '@temporalio/workflow';
import { FailureType } from '../domain/failure-type';
import { EXECUTE_TASK_QUEUE, GRADE_TASK_QUEUE, hostTaskQueue, modelTaskQueue } from '../domain/task-queues';
import type { Activities } from '../activities/create-activities';

/** An oversize payload stays oversize: retrying it only repeats the work behind it. */
const PAYLOADS_TOO_LARGE = 'PayloadsTooLarge';

/** A worker that stopped beating this long is taken for dead; every step beats every two seconds. */
const HEARTBEAT_TIMEOUT = '15s';

/** Shorter for scripts: a second watcher does no harm, and until there is one nobody would end the script. */
const SCRIPT_HEARTBEAT_TIMEOUT = '10s';

/** How long a model call waits, twice, for a worker that polls its endpoint before the run says that there is none. */
const MODEL_WORKER_TIMEOUT = '5m';

/** The same for the grade worker. */
const GRADE_WORKER_TIMEOUT = '5m';

/** Longer for what it does node by node: an evaluator that takes its time keeps others waiting. */
const GRADE_TURN_TIMEOUT = '30m';

/** How long a host has to take its own script up again before it counts as lost. */
const HOST_TIMEOUT = '20s';

/** How long a script of the final selection waits for a slot; a run that is over must not wait for ever. */
const SELECTION_SLOT_TIMEOUT = '1h';

/**
 * What watching a script may take beyond its limit: waiting for a slot of its host, preparing data, storing its output.
 * When it is over another watcher goes on with the script.
 */
const EXECUTE_OVERHEAD_MS = 15 * 60_000;

const FILE_RETRY: RetryPolicy = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '15s',
  maximumAttempts: 5,
  nonRetryableErrorTypes: [PAYLOADS_TOO_LARGE, FailureType.InvalidTask, FailureType.RunIdInUse],
};

/** Five tries over about half a minute, or as the provider's own delays say; then the run pauses itself. */
const MODEL_RETRY: RetryPolicy = {
  initialInterval: '2s',
  backoffCoefficient: 2,
  maximumInterval: '30s',
  maximumAttempts: 5,
  nonRetryableErrorTypes: [
    PAYLOADS_TOO_LARGE,
    FailureType.ModelKeyRejected,
    FailureType.ModelQuotaExhausted,
    FailureType.ModelRequestRejected,
    FailureType.ContextTooLong,
  ],
};

const WAIT_CANCELLATION_COMPLETED: ActivityCancellationType = 'WAIT_CANCELLATION_COMPLETED';

/** Steps that only touch the run's files; on the workflow's own task queue. */
export const fileSteps = proxyActivities<
  Pick<Activities, 'openRun' | 'publish' | 'saveState' | 'report' | 'checkModels' | 'locate'>
>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: FILE_RETRY,
});

/**
 * The preview reads the whole data once, under a limit of its own of one minute a table, and makes the task's own
 * environment, whose packages may be large.
 */
export const previewSteps = proxyActivities<Pick<Activities, 'preview'>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: FILE_RETRY,
});

/** Model calls, on the queue of the endpoint that they go to. */
export function modelSteps(endpoint: string): Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'> {
  return proxyActivities<Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'>>({
    ...onModelQueue(endpoint),
    startToCloseTimeout: '35m',
  });
}

/** Model calls about the run as a whole, which nothing waits for longer than this. */
export function writeSteps(endpoint: string): Pick<Activities, 'digest' | 'summarize'> {
  return proxyActivities<Pick<Activities, 'digest' | 'summarize'>>({
    ...onModelQueue(endpoint),
    scheduleToCloseTimeout: '10m',
  });
}

function onModelQueue(endpoint: string) {
  return {
    taskQueue: modelTaskQueue(endpoint),
    scheduleToStartTimeout: MODEL_WORKER_TIMEOUT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'TRY_CANCEL',
    retry: MODEL_RETRY,
  } as const satisfies ActivityOptions;
}

const ON_GRADE_QUEUE = {
  taskQueue: GRADE_TASK_QUEUE,
  // The task's own evaluator ends at its own limit, long before.
  startToCloseTimeout: '12h',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: FILE_RETRY,
} as const satisfies ActivityOptions;

/** Withholding rows, before anything else runs. */
export const splitSteps = proxyActivities<Pick<Activities, 'split'>>({
  ...ON_GRADE_QUEUE,
  scheduleToStartTimeout: GRADE_WORKER_TIMEOUT,
});

/** What sees the withheld labels, or runs the task's own evaluator. */
export const gradeSteps = proxyActivities<Pick<Activities, 'grade' | 'select'>>({
  ...ON_GRADE_QUEUE,
  scheduleToStartTimeout: GRADE_TURN_TIMEOUT,
});

/** Where a script may run: wherever a slot gets free, or on the host where it runs already. */
export type ScriptQueue =
  | { readonly place: 'anywhere'; /** Waits for a slot however long it takes. */ readonly patient: boolean }
  | { readonly place: 'here'; readonly hostId: string };

/**
 * Script runs. One Temporal attempt: what a lost worker means for a script is decided by the workflow, which
 * dispatches again without counting it against the script.
 */
export function executeSteps(limitMs: number, queue: ScriptQueue): Pick<Activities, 'execute'> {
  return proxyActivities<Pick<Activities, 'execute'>>({
    ...queueOptions(queue),
    startToCloseTimeout: limitMs + EXECUTE_OVERHEAD_MS,
    heartbeatTimeout: SCRIPT_HEARTBEAT_TIMEOUT,
    cancellationType: WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  });
}

function queueOptions(queue: ScriptQueue): Pick<ActivityOptions, 'taskQueue' | 'scheduleToStartTimeout'> {
  if (queue.place === 'here') return { taskQueue: hostTaskQueue(queue.hostId), scheduleToStartTimeout: HOST_TIMEOUT };
  if (queue.patient) return { taskQueue: EXECUTE_TASK_QUEUE };
  return { taskQueue: EXECUTE_TASK_QUEUE, scheduleToStartTimeout: SELECTION_SLOT_TIMEOUT };
}
