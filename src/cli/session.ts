import { WorkflowFailedError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { errorMessage } from '../domain/error-message';
import type { ResolvedConnection } from '../workers/connect';
import { findConnection, openClient, resolveConnection } from '../workers/connect';
import type { CommandContext } from './command-context';

/** A connection to the server that the runs are on. */
export interface Session {
  readonly resolved: ResolvedConnection;
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * Connects to the server, and starts the embedded one when it is needed and does not run.
 *
 * @throws ServerError when it cannot be had
 */
export async function openSession(context: CommandContext, address: string | undefined): Promise<Session> {
  return connect(await resolveConnection(wish(context, address)));
}

/**
 * Like {@link openSession}, but starts nothing: null when the embedded server does not run.
 *
 * @throws ServerError when a server is there but does not answer
 */
export async function findSession(context: CommandContext, address: string | undefined): Promise<Session | null> {
  const resolved = await findConnection(wish(context, address));
  return resolved === null ? null : connect(resolved);
}

function wish({ settings }: CommandContext, address: string | undefined) {
  return address === undefined ? { settings } : { settings, address };
}

async function connect(resolved: ResolvedConnection): Promise<Session> {
  const opened = await openClient(resolved);
  return { resolved, ...opened };
}

/** The message of the failure behind what Temporal's client throws. */
export function causeOf(error: unknown): string {
  if (error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError) {
    return error.cause?.message ?? error.message;
  }
  if (error instanceof WorkflowNotFoundError) return 'the server does not know it, or it is over';
  return errorMessage(error);
}
