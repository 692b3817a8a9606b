import type { WorkflowHandle } from '@temporalio/client';
import { failed } from './command-failure';
import type { CommandContext } from './command-context';
import { requireRunning } from './commands/steer';
import { requireRun } from './require-run';
import { findSession } from './session';
import { updateRun } from './update-run';

/**
 * Sends an update to a run that is under way.
 *
 * @throws CommandFailure when it is not, when it refuses the update, or when no worker takes it
 */
export async function steerRunning<Result>(
  context: CommandContext,
  runId: string,
  address: string | undefined,
  send: (handle: WorkflowHandle) => Promise<Result>,
): Promise<Result> {
  const session = await findSession(context, address);
  if (session === null) {
    await requireRun(context, runId);
    throw failed(`no server runs, so nothing of run "${runId}" does; to steer it, start \`coppice worker\` first`);
  }
  try {
    await requireRunning(context, session, runId);
    return await updateRun(session, runId, send);
  } finally {
    await session.close();
  }
}
