import { FILE_FORMAT } from '../domain/file-format';
import { stepFileSchema, type StepIdentity } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { freeSupersededKey } from '../store/supersede';

/** The node that a step is about to make. */
export interface ClaimedNode {
  readonly runId: string;
  readonly nodeId: number;
  /** How many nodes had been recorded when it was decided. */
  readonly decidedAfter: number;
}

/** Makes the node's directory this step's own: a step of another identity is moved to `superseded/`. */
export async function claimNode(
  store: ArtifactStore,
  { runId, nodeId, decidedAfter }: ClaimedNode,
  identity: StepIdentity,
): Promise<void> {
  const keys = runKeys(runId).node(nodeId);
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step !== null && sameIdentity(step.identity, identity)) return;
  if (step !== null) {
    await store.move(keys.directory, await freeSupersededKey(store, runId, String(nodeId)));
    // The journal may show the node that is gone now; it is a view and made anew with the next record.
    await store.remove(runKeys(runId).journal);
  }
  const startedAt = new Date().toISOString();
  await writeJson(store, keys.step, { format: FILE_FORMAT, identity, decidedAfter, startedAt });
}

/** SHA-256 of the parent's script; null without a parent, or when it has none. */
export async function parentCodeHash(
  store: ArtifactStore,
  runId: string,
  parent: number | null,
): Promise<string | null> {
  const code = parent === null ? null : await store.read(runKeys(runId).node(parent).solution);
  return code === null ? null : contentHash(code);
}

function sameIdentity(left: StepIdentity, right: StepIdentity): boolean {
  return (
    left.operator === right.operator &&
    left.parent === right.parent &&
    left.parentCodeHash === right.parentCodeHash &&
    left.injection === right.injection &&
    left.hints.length === right.hints.length &&
    left.hints.every((hint, index) => hint === right.hints[index])
  );
}
