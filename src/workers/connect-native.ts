import { NativeConnection } from '@temporalio/worker';
import { unreachable } from './connect';
import type { ResolvedConnection } from './connect';

/**
 * Opens the connection that workers need; it has to be closed after they have ended, or the process stays. Apart from
 * `connect.ts`, since commands that only ask and tell need not load the worker's native part.
 *
 * @throws ServerError `unreachable` when nothing answers there.
 */
export async function openNativeConnection(resolved: ResolvedConnection): Promise<NativeConnection> {
  return NativeConnection.connect(resolved.connectionOptions).catch((error: unknown) => {
    throw unreachable(resolved, error);
  });
}
