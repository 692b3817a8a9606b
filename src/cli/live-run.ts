import { errorMessage } from '../domain/error-message';
import { readServer } from '../server/server-description';
import type { CommandContext } from './command-context';
import type { WorkflowStatus } from './workflow-status';

/**
 * What a server says of the runs.
 *
 * - `absent`: no server runs, so no run does
 * - `unreachable`: one is there but does not answer
 */
export type LiveRuns =
  | { readonly server: 'absent' }
  | { readonly server: 'unreachable'; readonly message: string }
  | { readonly server: 'answers'; readonly statuses: ReadonlyMap<string, WorkflowStatus> };

/** Longest wait of a reading command for a server, in milliseconds: the files alone are worth an answer. */
const PATIENCE_MS = 3000;

/** Asks the server for the named runs, or for all; starts nothing, and loads Temporal's client only when there is one. */
export async function askLiveRuns(context: CommandContext, runId?: string): Promise<LiveRuns> {
  const { environment, home } = context.settings;
  const another = Boolean(environment['TEMPORAL_ADDRESS'] ?? environment['TEMPORAL_PROFILE']);
  if (!another && (await readServer(home)) === null) return { server: 'absent' };
  const { listWorkflowStatuses } = await import('./workflow-status.js');
  try {
    const statuses = await listWorkflowStatuses(context, PATIENCE_MS, runId);
    return statuses === null ? { server: 'absent' } : { server: 'answers', statuses };
  } catch (error) {
    return { server: 'unreachable', message: errorMessage(error) };
  }
}
