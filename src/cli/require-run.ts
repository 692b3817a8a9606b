import { runIdSchema } from '../domain/run-spec';
import type { NodeView, RunView } from '../report/run-view';
import { loadRunView } from '../report/run-view';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';

/**
 * The run of that id.
 *
 * @throws CommandFailure when the store holds no such run
 */
export async function requireRun(context: CommandContext, runId: string): Promise<RunView> {
  const view = runIdSchema.safeParse(runId).success ? await loadRunView(context.store, runId) : null;
  if (view !== null) return view;
  throw wrongInput(`there is no run "${runId}" in ${context.settings.store}; \`coppice list\` shows those there are`);
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
