import { NO_USAGE } from '../../src/domain/usage';
import type { WrittenFile } from '../../src/domain/written-file';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';

/** Writes a finished digest of a run, with what it used. */
export async function writeDigest(store: ArtifactStore, runId: string, upTo: number, calls: number): Promise<void> {
  const keys = runKeys(runId).digest(upTo);
  const record: WrittenFile = { previous: null, nodes: [], tokens: 3, usage: { ...NO_USAGE, calls } };
  await store.write(keys.text, `what ${upTo} nodes taught\n`);
  await writeJson(store, keys.record, record);
}
