import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowUpdateFailedError } from '@temporalio/client';
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
    throw failed(
      `run "${runId}" did not answer (${causeOf(error)}); when no worker is running, start one with \`coppice worker\``,
    );
  }
}
