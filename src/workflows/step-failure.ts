import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import { FailureType } from '../domain/failure-type';
import type { Pause, PauseReason } from '../domain/run-files';

/**
 * What the failure of a step means for the run.
 *
 * - `cancelled`: the run itself ends the step
 * - `interrupted`: the worker went away under it; dispatched again without counting
 * - `refused`: the request is wrong and stays wrong
 * - `unpolled`: no worker took it for a long time; a machine that was off looks the same, so it is dispatched once more
 * - `machinery`: something the run needs does not work; past the retries the run pauses
 */
export type StepFailure =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'refused'; readonly type: string; readonly message: string }
  | { readonly kind: 'unpolled' | 'machinery'; readonly pause: Pause };

const PAUSE_REASONS: Readonly<Record<string, PauseReason>> = {
  [FailureType.ModelKeyRejected]: 'model_key',
  [FailureType.ModelQuotaExhausted]: 'model_quota',
  [FailureType.ModelRequestRejected]: 'model_rejected',
  [FailureType.ModelUnreachable]: 'model_unreachable',
  [FailureType.DiskFull]: 'disk_full',
  [FailureType.StoreUnavailable]: 'store_unavailable',
  [FailureType.PythonUnavailable]: 'python_unavailable',
};

export function classifyStepFailure(error: unknown): StepFailure {
  if (isCancellation(error) && CancellationScope.current().consideredCancelled) return { kind: 'cancelled' };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return classifyTimeout(cause);
  if (isCancellation(error)) return { kind: 'interrupted' };
  if (cause instanceof ApplicationFailure) {
    if (cause.type === FailureType.WorkerShutdown) return { kind: 'interrupted' };
    if (cause.type === FailureType.InvalidTask || cause.type === FailureType.RunIdInUse) {
      return { kind: 'refused', type: cause.type, message: cause.message };
    }
    const reason = PAUSE_REASONS[cause.type ?? ''] ?? 'machinery';
    return { kind: 'machinery', pause: { reason, message: cause.message } };
  }
  return { kind: 'machinery', pause: { reason: 'machinery', message: messageOf(cause) } };
}

function classifyTimeout(failure: TimeoutFailure): StepFailure {
  if (failure.timeoutType !== 'SCHEDULE_TO_START') return { kind: 'interrupted' };
  const message = 'no worker polls the task queue of this model; start one with `coppice worker`';
  return { kind: 'unpolled', pause: { reason: 'model_no_worker', message } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
