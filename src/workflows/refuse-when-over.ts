import { ApplicationFailure } from '@temporalio/workflow';
import type { RunState } from './run-state';

/** @throws ApplicationFailure when the run can no longer be steered; for validators */
export function refuseWhenOver(run: RunState): void {
  if (run.ending) throw ApplicationFailure.nonRetryable('the run is ending; nothing can be changed any more');
}
