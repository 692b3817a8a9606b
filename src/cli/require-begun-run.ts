import type { RunView } from '../report/run-view';
import type { CommandContext } from './command-context';
import { wrongInput } from './command-failure';
import type { LiveRuns } from './live-run';
import { requireRun } from './require-run';

/**
 * The run of that id. Of one that the server knows and that has no files yet, the failure says why.
 *
 * @throws CommandFailure when the store holds no such run
 */
export async function requireBegunRun(context: CommandContext, runId: string, live: LiveRuns): Promise<RunView> {
  const status = live.server === 'answers' ? live.statuses.get(runId) : undefined;
  try {
    return await requireRun(context, runId);
  } catch (error) {
    if (status === 'running')
      throw wrongInput(
        `run "${runId}" has not begun and has no files yet: no worker has taken it up; start one with \`coppice worker\``,
      );
    if (status === 'cancelled')
      throw wrongInput(
        `run "${runId}" was cancelled before it began, and has no files; \`coppice start --run-id ${runId}\` begins it anew`,
      );
    throw error;
  }
}
