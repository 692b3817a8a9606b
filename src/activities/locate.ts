import { processFileSchema } from '../domain/node-record';
import type { LocateInput, LocateResult } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** Looks up which host a script was started on; none when its result is stored. */
export function createLocate({
  store,
}: {
  readonly store: ArtifactStore;
}): (input: LocateInput) => Promise<LocateResult> {
  return async ({ runId, nodeId, variant }) => {
    const keys = runKeys(runId).node(nodeId).variant(variant);
    if (await store.exists(keys.execution)) return { hostId: null };
    const process = await readJson(store, keys.process, processFileSchema);
    return { hostId: process?.hostId ?? null };
  };
}
