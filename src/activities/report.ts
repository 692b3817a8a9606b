import type { ReportInput, ReportResult } from '../domain/steps';
import { loadRunView } from '../report/run-view';
import { writeReports } from '../report/write-reports';
import type { ArtifactStore } from '../store/artifact-store';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { publishBest } from './best-link';
import { writeState } from './state-file';

export interface ReportDependencies {
  readonly store: ArtifactStore;
  /** Ends scripts that killed workers left behind on this machine, and removes what the run's scripts worked in. */
  readonly clearHost: (runId: string) => Promise<void>;
}

/** Ends a run on its files: the final state, the report and the page with the tree. */
export function createReport({ store, clearHost }: ReportDependencies): (input: ReportInput) => Promise<ReportResult> {
  return async ({ runId, stopReason, snapshot }) => {
    const keys = runKeys(runId);
    if (snapshot.best !== null) await publishBest(store, runId, snapshot.best.id);
    const state = stopReason === 'cancelled' ? 'cancelled' : 'finished';
    await writeState(store, runId, { state, stopReason }, snapshot);
    const view = await loadRunView(store, runId);
    if (view === null) throw new StoreError(`${keys.run} is missing`);
    const reports = await writeReports(store, view);
    await clearHost(runId);
    return { artifacts: [...reports, ...(snapshot.best === null ? [] : [keys.best])] };
  };
}
