import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { inputSource } from '../sandbox/input-source';
import { checkInputUnchanged } from '../sandbox/provide-input';
import type { ExecuteStep } from './execute-step';

/**
 * Looks whether the script changed the data that it was given, after its result is stored: the run pauses once, and goes
 * on with that result.
 *
 * @throws ApplicationFailure `DataChanged`, naming the node
 */
export async function requireSameData(step: ExecuteStep): Promise<void> {
  const { dependencies, run, input, evaluation, context } = step;
  const source = inputSource(run, evaluation, input.variant);
  const change = await checkInputUnchanged(dependencies, input.runId, source, context.cancellationSignal);
  if (change === null) return;
  const message = `after node ${input.nodeId}: ${change}`;
  throw ApplicationFailure.create({ message, type: FailureType.DataChanged, nonRetryable: false });
}
