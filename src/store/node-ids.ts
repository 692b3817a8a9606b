import type { ArtifactStore } from './artifact-store';
import { runKeys } from './run-keys';

/** Ids of the nodes that have a directory, finished or not, in ascending order. */
export async function listNodeIds(store: ArtifactStore, runId: string): Promise<number[]> {
  const names = await store.list(runKeys(runId).nodes);
  return names
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((left, right) => left - right);
}
