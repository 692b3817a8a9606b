import { ApplicationFailure } from '@temporalio/workflow';
import type { RunState } from './run-state';

export const RUN_IS_ENDING = 'the run is ending; nothing can be changed any more';

/** @throws ApplicationFailure when the run can no longer be steered; for validators */
export function refuseWhenOver(run: RunState): void {
  if (run.ending) throw ApplicationFailure.nonRetryable(RUN_IS_ENDING);
}
