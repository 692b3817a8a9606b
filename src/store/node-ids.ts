import type { ArtifactStore } from './artifact-store';
import { runKeys } from './run-keys';

/** Ids of the nodes that have a directory, finished or not, in ascending order. */
export function listNodeIds(store: ArtifactStore, runId: string): Promise<number[]> {
  return listNumbers(store, runKeys(runId).nodes);
}

/** Names directly below `prefix` that are whole numbers, in ascending order. */
export async function listNumbers(store: ArtifactStore, prefix: string): Promise<number[]> {
  const names = await store.list(prefix);
  return names
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((left, right) => left - right);
}
