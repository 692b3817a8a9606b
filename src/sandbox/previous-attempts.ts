import type { ProcessFile } from '../domain/node-record';
import { processFileSchema } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { tokenPrefix } from './attempts';
import { removeShortcut } from './prepare-attempt';
import { endTree } from './process-tree';

/**
 * Ends what earlier attempts of a node left running on this host, and returns when it is gone. Processes of another
 * host, and strangers that meanwhile got a pid of ours, are not touched.
 *
 * @param previous the node's stored `process.json`
 */
export async function endPreviousAttempts(
  node: { readonly home: string; readonly runId: string; readonly nodeId: number; readonly hostId: string },
  previous: ProcessFile | null,
): Promise<void> {
  if (previous?.hostId === node.hostId) {
    const { pid, startTime, bootId } = previous;
    const leader = pid === null || startTime === null ? null : { pid, startTime, bootId };
    await endTree({ leader, token: previous.token, ownChild: false });
    await removeShortcut(previous.token);
  }
  // An attempt whose worker was killed before it could note the process down is known by its token alone.
  await endTree({ leader: null, token: tokenPrefix(node.home, node.runId, node.nodeId), ownChild: false });
}

/**
 * Ends what killed workers of this host left running of a run that is over: no later attempt will. Only nodes without a
 * record can have such scripts.
 */
export async function endAbandonedScripts(
  host: { readonly store: ArtifactStore; readonly home: string; readonly hostId: string },
  runId: string,
): Promise<void> {
  const { store, home, hostId } = host;
  for (const nodeId of await listNodeIds(store, runId)) {
    const keys = runKeys(runId).node(nodeId);
    if (await store.exists(keys.record)) continue;
    await endPreviousAttempts({ home, runId, nodeId, hostId }, await readJson(store, keys.process, processFileSchema));
  }
}
