import type { NodeRecord } from '../domain/node-record';
import { nodeRecordSchema } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';

const READS_AT_ONCE = 32;

/**
 * Adds a node to `journal.jsonl`, the view of all records in the order they were made. A journal that was removed
 * because one of its nodes was superseded is made anew.
 */
export async function appendToJournal(store: ArtifactStore, runId: string, record: NodeRecord): Promise<void> {
  const key = runKeys(runId).journal;
  if (record.completion === 1 || (await store.exists(key))) await store.append(key, line(record));
  else await rebuildJournal(store, runId);
}

/** Makes the journal anew from the node records, which are the truth. */
export async function rebuildJournal(store: ArtifactStore, runId: string): Promise<void> {
  const keys = runKeys(runId);
  const ids = await listNodeIds(store, runId);
  const records = await mapBounded(ids, READS_AT_ONCE, (id) => readJson(store, keys.node(id).record, nodeRecordSchema));
  const lines = records
    .filter((record) => record !== null)
    .sort((left, right) => left.completion - right.completion)
    .map(line);
  await store.write(keys.journal, lines.join(''));
}

function line(record: NodeRecord): string {
  return `${JSON.stringify(record)}\n`;
}
