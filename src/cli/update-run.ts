import type { WorkflowHandle } from '@temporalio/client';
import {
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcCancelledError,
  isGrpcDeadlineError,
} from '@temporalio/client';
import { failed } from './command-failure';
import type { Session } from './session';
import { causeOf } from './session';

/** Longest wait for a worker to take a message, in milliseconds. */
const PATIENCE_MS = 15_000;

/**
 * Sends an update to a run and waits for its answer.
 *
 * @throws CommandFailure when the run refuses it, or no worker takes it in time
 */
export async function updateRun<Result>(
  session: Session,
  runId: string,
  send: (handle: WorkflowHandle) => Promise<Result>,
): Promise<Result> {
  const handle = session.client.workflow.getHandle(runId);
  try {
    return await session.client.withDeadline(Date.now() + PATIENCE_MS, () => send(handle));
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw failed(`run "${runId}" refused it: ${causeOf(error)}`);
    if (isUnanswered(error))
      throw failed(
        `no worker took it up within ${PATIENCE_MS / 1000} s; it may lie with the server and take effect when one does: ` +
          `start one with \`coppice worker\`, look with \`coppice status ${runId}\`, and do not send it twice`,
      );
    throw failed(`run "${runId}" did not answer: ${causeOf(error)}`);
  }
}

/** The call ended before the run answered; whether the server keeps the update until a worker comes, it does not say. */
function isUnanswered(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isGrpcDeadlineError(error) ||
    isGrpcCancelledError(error)
  );
}
