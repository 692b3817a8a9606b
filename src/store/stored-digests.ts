import type { Usage } from '../domain/usage';
import { writtenFileSchema } from '../domain/written-file';
import type { ArtifactStore } from './artifact-store';
import { readJson } from './json-file';
import { mapBounded } from './map-bounded';
import { listNumbers } from './node-ids';
import { runKeys } from './run-keys';

export interface StoredDigest {
  /** How many nodes had been recorded when it was written; its name. */
  readonly upTo: number;
  readonly usage: Usage;
}

const READS_AT_ONCE = 16;

/**
 * The digests of a run that were finished, oldest first.
 *
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function readDigests(store: ArtifactStore, runId: string): Promise<StoredDigest[]> {
  const keys = runKeys(runId);
  const found = await mapBounded(await listNumbers(store, keys.digests), READS_AT_ONCE, async (upTo) => {
    const written = await readJson(store, keys.digest(upTo).record, writtenFileSchema);
    return written === null ? [] : [{ upTo, usage: written.usage }];
  });
  return found.flat();
}
