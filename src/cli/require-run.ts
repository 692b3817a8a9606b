import { runIdSchema } from '../domain/run-spec';
import type { NodeView, RunView } from '../report/run-view';
import { loadRunView } from '../report/run-view';
import type { CommandFailure } from './command-failure';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';
import type { LiveRuns } from './live-run';
import { askLiveRuns } from './live-run';

/** The run of that id; null when the store holds none. */
export async function findStoredRun(context: CommandContext, runId: string): Promise<RunView | null> {
  return runIdSchema.safeParse(runId).success ? loadRunView(context.store, runId) : null;
}

/**
 * The run of that id.
 *
 * @throws CommandFailure when the store holds no such run; it says why, where the server knows one that has no files yet
 */
export async function requireRun(context: CommandContext, runId: string): Promise<RunView> {
  const view = await findStoredRun(context, runId);
  if (view !== null) return view;
  throw noSuchRun(context, runId, await askLiveRuns(context, runId));
}

/** Whether the server has the run, and no worker has taken it up. */
export function waitsForWorker(runId: string, live: LiveRuns): boolean {
  return live.server === 'answers' && live.statuses.get(runId) === 'running';
}

/** That the run has no files, and why. */
export function noSuchRun({ settings }: CommandContext, runId: string, live: LiveRuns): CommandFailure {
  if (waitsForWorker(runId, live))
    return wrongInput(
      `run "${runId}" has not begun and has no files yet: no worker has taken it up; start one with \`coppice worker\``,
    );
  if (live.server === 'answers' && live.statuses.get(runId) === 'cancelled')
    return wrongInput(
      `run "${runId}" was cancelled before it began, and has no files; \`coppice start --run-id ${runId}\` begins it anew`,
    );
  return wrongInput(`there is no run "${runId}" in ${settings.store}; \`coppice list\` shows those there are`);
}

/**
 * The node of that id, as typed by a person.
 *
 * @throws CommandFailure when the run has no such node
 */
export function requireNode(view: RunView, text: string): NodeView {
  const node = view.nodes.find(({ id }) => String(id) === text);
  if (node !== undefined) return node;
  throw wrongInput(`run "${view.runId}" has no node "${text}"; \`coppice tree ${view.runId}\` shows its nodes`);
}
