import { totalUsage } from '../domain/call-ledger';
import { executionFileSchema } from '../domain/node-record';
import { selectionFileSchema } from '../domain/selection';
import type { SelectionFile } from '../domain/selection';
import type { ExecuteResult, ReportInput, ReportResult } from '../domain/steps';
import { readCallLedger } from '../llm/read-call-ledger';
import { loadRunView } from '../report/run-view';
import { writeReports } from '../report/write-reports';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { publishRefit, settleBest } from './best-link';
import { writeState } from './state-file';

export interface ReportDependencies {
  readonly store: ArtifactStore;
  /** Ends scripts that killed workers left behind on this machine, and removes what the run's scripts worked in. */
  readonly clearHost: (runId: string) => Promise<void>;
}

/**
 * Ends a run on its files: the final state, the answer, the report and the page with the tree. What the calls used is
 * counted anew from their own files, which also tell of nodes that were never recorded.
 */
export function createReport({ store, clearHost }: ReportDependencies): (input: ReportInput) => Promise<ReportResult> {
  return async ({ runId, stopReason, snapshot, refit }) => {
    const keys = runKeys(runId);
    const answer = snapshot.selection?.winner ?? snapshot.best?.id ?? null;
    await settleBest(store, runId, answer);
    if (answer !== null && refit !== null) await takeRefit(store, runId, answer, refit);
    const state = stopReason === 'cancelled' ? 'cancelled' : 'finished';
    const ledger = await readCallLedger(store, runId);
    const usage = totalUsage(ledger);
    await writeState(store, runId, { state, stopReason }, { ...snapshot, usage });
    const view = await loadRunView(store, runId);
    if (view === null) throw new StoreError(`${keys.run} is missing`);
    const reports = await writeReports(store, view, ledger);
    await clearHost(runId);
    return { artifacts: [...reports, ...(answer === null ? [] : [keys.best])], usage };
  };
}

/** Makes the winner's run on all the data the run's answer when it worked; says in `selection.json` what became of it. */
async function takeRefit(store: ArtifactStore, runId: string, nodeId: number, refit: ExecuteResult): Promise<void> {
  const keys = runKeys(runId);
  const outcome = await judgeRefit(store, runId, nodeId, refit);
  if (outcome.status === 'ok') await publishRefit(store, runId, nodeId);
  const selection = await readJson(store, keys.selection, selectionFileSchema);
  if (selection !== null)
    await writeJson(store, keys.selection, { ...selection, refit: outcome } satisfies SelectionFile);
}

async function judgeRefit(
  store: ArtifactStore,
  runId: string,
  nodeId: number,
  refit: ExecuteResult,
): Promise<NonNullable<SelectionFile['refit']>> {
  const { submission, execution } = runKeys(runId).node(nodeId).variant('refit');
  if (refit.status === 'gone') return { status: 'failed', message: 'its host was lost' };
  if (refit.status === 'ok') {
    if (await store.exists(submission)) return { status: 'ok', message: '' };
    return { status: 'failed', message: 'it made no submission' };
  }
  const file = await readJson(store, execution, executionFileSchema);
  return { status: 'failed', message: file === null || file.message === '' ? refit.reason : file.message };
}
