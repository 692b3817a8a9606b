import type { SaveStateInput, SaveStateResult } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { settleBest } from './best-link';
import { writeState } from './state-file';

export interface SaveStateDependencies {
  readonly store: ArtifactStore;
  readonly serverDownMs: () => Promise<number>;
}

/** Writes `state.json` when a run pauses, goes on, is extended or pruned, and tells how long the server was down. */
export function createSaveState({
  store,
  serverDownMs,
}: SaveStateDependencies): (input: SaveStateInput) => Promise<SaveStateResult> {
  return async ({ runId, pause, relink, snapshot }) => {
    if (relink) await settleBest(store, runId, snapshot.best?.id ?? null);
    await writeState(store, runId, pause === null ? { state: 'running' } : { state: 'paused', pause }, snapshot);
    return { serverDownMs: await serverDownMs() };
  };
}
