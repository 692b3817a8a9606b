import type { ActivityCancellationType, ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { proxyActivities } from '@temporalio/workflow';
import { FailureType } from '../domain/failure-type';
import { EXECUTE_TASK_QUEUE, GRADE_TASK_QUEUE, hostTaskQueue, modelTaskQueue } from '../domain/task-queues';
import type { Activities } from '../activities/create-activities';
import { NOTIFY_TRIES } from '../domain/notice';
import {
  digestSummary,
  executeSummary,
  gradeSummary,
  hintSummary,
  injectSummary,
  locateSummary,
  modelsSummary,
  noteSummary,
  notifySummary,
  openSummary,
  previewSummary,
  proposeSummary,
  publishSummary,
  reportSummary,
  reviewSummary,
  selectSummary,
  splitSummary,
  stateSummary,
  storeInjectedSummary,
  storySummary,
} from './summaries';

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

/** Every step is dispatched with the line that Temporal's UI shows for it. */
function summarized<Input, Result>(
  step: { executeWithOptions(options: ActivityOptions, args: [Input]): Promise<Result> },
  summaryOf: (input: Input) => string,
): (input: Input) => Promise<Result> {
  return (input) => step.executeWithOptions({ summary: summaryOf(input) }, [input]);
}

const filing = proxyActivities<Activities>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  retry: FILE_RETRY,
});

/** Steps that only touch the run's files; on the workflow's own task queue. */
export const fileSteps = {
  openRun: summarized(filing.openRun, openSummary),
  publish: summarized(filing.publish, publishSummary),
  saveState: summarized(filing.saveState, stateSummary),
  report: summarized(filing.report, reportSummary),
  checkModels: summarized(filing.checkModels, modelsSummary),
  locate: summarized(filing.locate, locateSummary),
  hint: summarized(filing.hint, hintSummary),
  storeInjected: summarized(filing.storeInjected, storeInjectedSummary),
  inject: summarized(filing.inject, injectSummary),
  note: summarized(filing.note, noteSummary),
};

/** Tells people of the run; a few tries within two minutes, and then it is let be. */
export const notifySteps = {
  notify: summarized(
    proxyActivities<Pick<Activities, 'notify'>>({
      startToCloseTimeout: '20s',
      scheduleToCloseTimeout: '2m',
      retry: { initialInterval: '2s', backoffCoefficient: 2, maximumAttempts: NOTIFY_TRIES },
    }).notify,
    notifySummary,
  ),
};

/**
 * The preview reads the whole data once, under a limit of its own of one minute a table, and makes the task's own
 * environment, whose packages may be large.
 */
export const previewSteps = {
  preview: summarized(
    proxyActivities<Pick<Activities, 'preview'>>({
      startToCloseTimeout: '1h',
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      retry: FILE_RETRY,
    }).preview,
    previewSummary,
  ),
};

/** Model calls, on the queue of the endpoint that they go to. */
export function modelSteps(endpoint: string): Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'> {
  const asking = proxyActivities<Pick<Activities, 'draft' | 'improve' | 'debug' | 'review'>>({
    ...onModelQueue(endpoint),
    startToCloseTimeout: '35m',
  });
  return {
    draft: summarized(asking.draft, proposeSummary),
    improve: summarized(asking.improve, proposeSummary),
    debug: summarized(asking.debug, proposeSummary),
    review: summarized(asking.review, reviewSummary),
  };
}

/** Model calls about the run as a whole, which nothing waits for longer than this. */
export function writeSteps(endpoint: string): Pick<Activities, 'digest' | 'summarize'> {
  const writing = proxyActivities<Pick<Activities, 'digest' | 'summarize'>>({
    ...onModelQueue(endpoint),
    scheduleToCloseTimeout: '10m',
  });
  return {
    digest: summarized(writing.digest, digestSummary),
    summarize: summarized(writing.summarize, storySummary),
  };
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
export const splitSteps = {
  split: summarized(
    proxyActivities<Pick<Activities, 'split'>>({ ...ON_GRADE_QUEUE, scheduleToStartTimeout: GRADE_WORKER_TIMEOUT })
      .split,
    splitSummary,
  ),
};

const grading = proxyActivities<Pick<Activities, 'grade' | 'select'>>({
  ...ON_GRADE_QUEUE,
  scheduleToStartTimeout: GRADE_TURN_TIMEOUT,
});

/** What sees the withheld labels, or runs the task's own evaluator. */
export const gradeSteps = {
  grade: summarized(grading.grade, gradeSummary),
  select: summarized(grading.select, selectSummary),
};

/** Where a script may run: wherever a slot gets free, or on the host where it runs already. */
export type ScriptQueue =
  | { readonly place: 'anywhere'; /** Waits for a slot however long it takes. */ readonly patient: boolean }
  | { readonly place: 'here'; readonly hostId: string };

/**
 * Script runs. One Temporal attempt: what a lost worker means for a script is decided by the workflow, which
 * dispatches again without counting it against the script.
 */
export function executeSteps(limitMs: number, queue: ScriptQueue): Pick<Activities, 'execute'> {
  const running = proxyActivities<Pick<Activities, 'execute'>>({
    ...queueOptions(queue),
    startToCloseTimeout: limitMs + EXECUTE_OVERHEAD_MS,
    heartbeatTimeout: SCRIPT_HEARTBEAT_TIMEOUT,
    cancellationType: WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
  });
  return { execute: summarized(running.execute, executeSummary) };
}

function queueOptions(queue: ScriptQueue): Pick<ActivityOptions, 'taskQueue' | 'scheduleToStartTimeout'> {
  if (queue.place === 'here') return { taskQueue: hostTaskQueue(queue.hostId), scheduleToStartTimeout: HOST_TIMEOUT };
  if (queue.patient) return { taskQueue: EXECUTE_TASK_QUEUE };
  return { taskQueue: EXECUTE_TASK_QUEUE, scheduleToStartTimeout: SELECTION_SLOT_TIMEOUT };
}
