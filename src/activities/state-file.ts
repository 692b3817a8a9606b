import { FILE_FORMAT } from '../domain/file-format';
import type { Pause, StateFile, StopReason } from '../domain/run-files';
import type { RunSnapshot } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** What a run is about besides its numbers. */
export type RunCondition =
  | { readonly state: 'running' }
  | { readonly state: 'paused'; readonly pause: Pause }
  | { readonly state: 'finished' | 'cancelled'; readonly stopReason: StopReason };

/** Writes `state.json`, the run as a whole for readers without a server. */
export async function writeState(
  store: ArtifactStore,
  runId: string,
  condition: RunCondition,
  snapshot: RunSnapshot,
): Promise<void> {
  const file: StateFile = {
    format: FILE_FORMAT,
    pruned: [...snapshot.pruned],
    state: condition.state,
    pause: condition.state === 'paused' ? condition.pause : null,
    stopReason: 'stopReason' in condition ? condition.stopReason : null,
    stepsTotal: snapshot.stepsTotal,
    extendedSteps: snapshot.extendedSteps,
    extendedSeconds: snapshot.extendedMs / 1000,
    extendedTokens: snapshot.extendedTokens,
    extendedCostUsd: snapshot.extendedCostUsd,
    extendedDiskBytes: snapshot.extendedDiskBytes,
    wentOnAfter: snapshot.wentOnAfter,
    nodes: { working: snapshot.working, failed: snapshot.failed, inFlight: snapshot.inFlight },
    best: snapshot.best,
    selection: snapshot.selection,
    usage: snapshot.usage,
    elapsedSeconds: snapshot.elapsedMs / 1000,
    updatedAt: new Date().toISOString(),
  };
  await writeJson(store, runKeys(runId).state, file);
}
