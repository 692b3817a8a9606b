import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../domain/failure-type';

/** The failure for what keeps a script from being isolated on this host; past some tries the run pauses with it. */
export function isolationUnavailable(message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: FailureType.IsolationUnavailable, nonRetryable: false });
}
