import type { NodeRecord } from '../domain/node-record';
import { FILE_FORMAT } from '../domain/file-format';
import type { ReplayFile, ReplayedNode } from '../domain/replay-file';
import { replayFileSchema } from '../domain/replay-file';
import type { RunFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import type { TreeColumns } from '../domain/tree-columns';
import { toTreeColumns } from '../domain/tree-columns';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { copySurroundings, requireSource } from './source-run';

/**
 * Begins a replay: takes what the source works with and notes down which nodes are run again, so that the replay stays
 * what it is when the source goes on meanwhile.
 *
 * @returns the source's `run.json`
 * @throws ApplicationFailure `InvalidTask` when there is nothing to run again
 */
export async function beginReplay(
  store: ArtifactStore,
  runId: string,
  request: RunSpec,
  sourceId: string,
): Promise<RunFile> {
  const source = await requireSource(store, sourceId, request, 'replay');
  await copySurroundings(store, source.run, runId);
  const file: ReplayFile = { format: FILE_FORMAT, source: sourceId, nodes: source.records.map(asRecorded) };
  await writeJson(store, runKeys(runId).replay, file);
  return source.run;
}

/**
 * The nodes that a replay runs again, as columns; ids that the source has no record of are holes.
 *
 * @throws StoreError when the replay's own list of them is gone
 */
export async function replayedTree(store: ArtifactStore, runId: string): Promise<TreeColumns> {
  const key = runKeys(runId).replay;
  const file = await readJson(store, key, replayFileSchema);
  if (file === null) throw new StoreError(`${key} is missing; remove the run's directory and replay again`);
  const byId = new Map(file.nodes.map((node) => [node.id, node]));
  const last = Math.max(...byId.keys());
  return toTreeColumns(
    Array.from({ length: last }, (_, index) => {
      const node = byId.get(index + 1);
      return node === undefined
        ? null
        : { ...node.recorded, id: node.id, operator: node.operator, parent: node.parent };
    }),
  );
}

function asRecorded({ id, parent, operator, status, reason, metric }: NodeRecord): ReplayedNode {
  return { id, parent, operator, recorded: { status, reason, metric }, replayed: null, same: null };
}
