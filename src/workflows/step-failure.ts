import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import { errorMessage } from '../domain/error-message';
import { FailureType } from '../domain/failure-type';
import type { Pause, PauseReason } from '../domain/run-files';
import { changedDataPause } from './changed-data';

/**
 * What the failure of a step means for the run.
 *
 * - `cancelled`: the run itself ends the step
 * - `interrupted`: the worker went away under it, or left its script to run on, or it wants a further attempt;
 *   dispatched again without counting. `hostId` names the host of the script, where the failure tells
 * - `refused`: the request is wrong and stays wrong
 * - `unpolled`: no worker took it in time
 * - `supervisor_lost`: the supervisor of a script was killed, and the script with it
 * - `machinery`: something the run needs does not work; past the retries the run pauses
 */
export type StepFailure =
  | { readonly kind: 'cancelled' | 'unpolled' | 'supervisor_lost' }
  | { readonly kind: 'interrupted'; readonly hostId: string | null }
  | { readonly kind: 'refused'; readonly type: string; readonly message: string }
  | { readonly kind: 'machinery'; readonly pause: Pause };

/** Every model of a role failed; what the run then says is the word of the one that it prefers. */
export class ModelsFailed extends Error {
  override readonly name = 'ModelsFailed';

  constructor(
    readonly pause: Pause,
    cause: unknown,
  ) {
    super(pause.message, { cause });
  }
}

/** No worker takes the calls to a model. */
export const NO_MODEL_WORKER: Pause = {
  reason: 'model_no_worker',
  message: 'no worker polls the task queue of this model; start one with `coppice worker`',
};

const PAUSE_REASONS: Readonly<Record<string, PauseReason>> = {
  [FailureType.ModelKeyRejected]: 'model_key',
  [FailureType.ModelQuotaExhausted]: 'model_quota',
  [FailureType.ModelRequestRejected]: 'model_rejected',
  [FailureType.ContextTooLong]: 'model_rejected',
  [FailureType.ModelUnreachable]: 'model_unreachable',
  [FailureType.DiskFull]: 'disk_full',
  [FailureType.DiskLimit]: 'disk_limit',
  [FailureType.StoreUnavailable]: 'store_unavailable',
  [FailureType.PythonUnavailable]: 'python_unavailable',
  [FailureType.IsolationUnavailable]: 'isolation_unavailable',
  [FailureType.EnvironmentFailed]: 'environment_failed',
  [FailureType.GradingFailed]: 'grading_failed',
};

export function classifyStepFailure(error: unknown): StepFailure {
  if (isCancellation(error) && CancellationScope.current().consideredCancelled) return { kind: 'cancelled' };
  if (error instanceof ModelsFailed) return { kind: 'machinery', pause: error.pause };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return classifyTimeout(cause);
  if (isCancellation(error)) return { kind: 'interrupted', hostId: null };
  if (cause instanceof ApplicationFailure) return classifyApplicationFailure(cause);
  return { kind: 'machinery', pause: { reason: 'machinery', message: errorMessage(cause) } };
}

/** What a failure says against the model that a step was sent to; null when it is about something else. */
export function modelTrouble(error: unknown): Pause | null {
  const failure = classifyStepFailure(error);
  if (failure.kind === 'unpolled') return NO_MODEL_WORKER;
  return failure.kind === 'machinery' && isAboutModels(failure.pause) ? failure.pause : null;
}

export function isAboutModels(pause: Pause): boolean {
  return pause.reason.startsWith('model_');
}

function classifyApplicationFailure(failure: ApplicationFailure): StepFailure {
  const { type, message } = failure;
  switch (type) {
    case FailureType.WorkerShutdown:
    case FailureType.ScriptDetached:
      return { kind: 'interrupted', hostId: hostOf(failure.details?.[0]) };
    case FailureType.AskAgain:
      // Under a limit on requests a step may need more attempts than Temporal gives it at a time.
      return { kind: 'interrupted', hostId: null };
    case FailureType.SupervisorLost:
      return { kind: 'supervisor_lost' };
    case FailureType.InvalidTask:
    case FailureType.RunIdInUse:
      return { kind: 'refused', type, message };
    case FailureType.DataChanged:
      return { kind: 'machinery', pause: changedDataPause(message) };
    default:
      return { kind: 'machinery', pause: { reason: PAUSE_REASONS[type ?? ''] ?? 'machinery', message } };
  }
}

function classifyTimeout(failure: TimeoutFailure): StepFailure {
  if (failure.timeoutType === 'SCHEDULE_TO_START') return { kind: 'unpolled' };
  return { kind: 'interrupted', hostId: hostOf(failure.lastHeartbeatDetails) };
}

/** The host of a `ScriptPlace`; other steps give other details, or none. */
function hostOf(details: unknown): string | null {
  if (typeof details !== 'object' || details === null || !('hostId' in details)) return null;
  return typeof details.hostId === 'string' ? details.hostId : null;
}
