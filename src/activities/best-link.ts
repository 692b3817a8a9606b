import { nodeRecordSchema } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/**
 * Makes `best` refer to the node's final files. They are complete before the link moves, so whoever follows it always
 * finds a valid answer.
 */
export async function publishBest(store: ArtifactStore, runId: string, nodeId: number): Promise<void> {
  const keys = runKeys(runId);
  const node = keys.node(nodeId);
  const record = await readJson(store, node.record, nodeRecordSchema);
  const linked = await readJson(store, `${keys.best}/node.json`, nodeRecordSchema);
  if (record === null || (linked?.id === nodeId && linked.codeHash === record.codeHash)) return;
  const target = keys.bests(nodeId);
  await copy(store, node.solution, `${target}/solution.py`);
  await copy(store, node.submission, `${target}/submission.csv`);
  await copy(store, node.record, `${target}/node.json`);
  await store.link(keys.best, target);
}

/**
 * Makes `best` refer to this node, or to none: after a node was pruned, the best may be another one, or there may be
 * none left.
 */
export async function settleBest(store: ArtifactStore, runId: string, nodeId: number | null): Promise<void> {
  if (nodeId !== null) {
    await publishBest(store, runId, nodeId);
    return;
  }
  const { best, bestsDirectory } = runKeys(runId);
  await store.remove(best);
  await store.remove(bestsDirectory);
}

/** Puts the submission of the node's run on all the data in the place of its own. */
export async function publishRefit(store: ArtifactStore, runId: string, nodeId: number): Promise<void> {
  const keys = runKeys(runId);
  await copy(store, keys.node(nodeId).variant('refit').submission, `${keys.bests(nodeId)}/submission.csv`);
}

async function copy(store: ArtifactStore, from: string, to: string): Promise<void> {
  const content = await store.read(from);
  if (content !== null) await store.write(to, content);
}
