import type { ActivityCancellationType, RetryPolicy } from '@temporalio/workflow';
import { proxyActivities } from '@temporalio/workflow';
import { FailureType } from '../domain/failure-type';
import { EXECUTE_TASK_QUEUE, modelTaskQueue } from '../domain/task-queues';
import type { Activities } from '../activities/create-activities';

/** An oversize payload stays oversize: retrying it only repeats the work behind it. */
const PAYLOADS_TOO_LARGE = 'PayloadsTooLarge';

/** A worker that stopped beating this long is taken for dead; every step beats every two seconds. */
const HEARTBEAT_TIMEOUT = '15s';

/** How long a model call waits, twice, for a worker that polls its endpoint before the run says that there is none. */
const MODEL_WORKER_TIMEOUT = '5m';

/** What a script's run may take beyond its limit: preparing data, ending its processes, storing its output. */
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
  ],
};

const WAIT_CANCELLATION_COMPLETED: ActivityCancellationType = 'WAIT_CANCELLATION_COMPLETED';

/** Steps that only touch the run's files; on the workflow's own task queue. */
export const fileSteps = proxyActivities<
  Pick<Activities, 'openRun' | 'publish' | 'saveState' | 'report' | 'checkModels'>
>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: FILE_RETRY,
});

/** The preview reads the whole data once, under a limit of its own of one minute a table. */
export const previewSteps = proxyActivities<Pick<Activities, 'preview'>>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: FILE_RETRY,
});

/** Model calls, on the queue of the endpoint that they go to. */
export function modelSteps(endpoint: string): Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'> {
  return proxyActivities<Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'>>({
    taskQueue: modelTaskQueue(endpoint),
    startToCloseTimeout: '35m',
    scheduleToStartTimeout: MODEL_WORKER_TIMEOUT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: 'TRY_CANCEL',
    retry: MODEL_RETRY,
  });
}

/**
 * Script runs. One Temporal attempt: what a lost worker means for a script is decided by the workflow, which
 * dispatches again without counting it against the script.
 */
export function executeSteps(limitMs: number): Pick<Activities, 'execute'> {
  return proxyActivities<Pick<Activities, 'execute'>>({
    taskQueue: EXECUTE_TASK_QUEUE,
    startToCloseTimeout: limitMs + EXECUTE_OVERHEAD_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    cancellationType: WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  });
}
