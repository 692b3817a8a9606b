import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { Preview } from '../domain/preview';
import { evaluationFileSchema } from '../domain/evaluation';
import { isOffline } from '../domain/resolved-model';
import { environmentFileSchema } from '../domain/run-files';
import type { RunFile } from '../domain/run-files';
import type { PreviewInput } from '../domain/steps';
import type { Task } from '../domain/task';
import { packagesRefusal } from '../llm/offline/missing-packages';
import { offlineRefusal } from '../llm/offline/offline-model';
import { inputSource } from '../sandbox/input-source';
import { provideInput } from '../sandbox/provide-input';
import type { InputHost } from '../sandbox/provide-input';
import { recordEnvironment } from '../sandbox/python-for';
import type { EnvironmentHost } from '../sandbox/task-environment';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { readRun } from '../store/read-run';
import { previewData } from '../task/preview';
import { lookAt } from '../task/task-problem';

/**
 * Makes the activity that looks at the task's data and stores `preview.json`, after making the task's own environment
 * where it has one; does nothing when the preview is stored already.
 * Fails with `InvalidTask`, for good, when the data directory is gone or the offline model cannot do the task.
 */
export function createPreview(
  host: InputHost & EnvironmentHost,
): (input: PreviewInput, signal: AbortSignal) => Promise<void> {
  const { store } = host;
  return async ({ runId }, signal) => {
    const keys = runKeys(runId);
    if (await store.exists(keys.preview)) return;
    const run = await readRun(store, runId);
    if (run === null) throw new StoreError(`${keys.run} is missing; start the run again under its id`);
    await checkStillThere(run.task.dataDirectory);
    const preview = await previewTask(run.task, await directoryOf(host, run, signal));
    // A replay has no model because it needs none: the scripts are there.
    const offline = isOffline(run.models) && run.request.replay === undefined;
    const refusal = offline ? offlineRefusal(run.task, preview) : null;
    if (refusal !== null) throw await refuse(store, runId, refusal);
    await recordEnvironment(host, run, signal);
    const environment = await readJson(store, keys.environment, environmentFileSchema);
    const packages = { own: environment?.packages ?? null, shared: run.versions.packages };
    const lacking = offline ? packagesRefusal(packages, preview) : null;
    if (lacking !== null) throw await refuse(store, runId, lacking);
    await writeJson(store, keys.preview, preview);
  };
}

/** Nothing of the run is worth keeping, and its request may mean something else once the task is changed. */
async function refuse(store: ArtifactStore, runId: string, message: string): Promise<ApplicationFailure> {
  await store.remove(runKeys(runId).directory);
  return ApplicationFailure.nonRetryable(message, FailureType.InvalidTask);
}

/** The data as scripts will see them. */
async function directoryOf(host: InputHost, run: RunFile, signal: AbortSignal): Promise<string> {
  const evaluation = await readJson(host.store, runKeys(run.runId).evaluation, evaluationFileSchema);
  const source = inputSource(run, evaluation);
  if (source.kind === 'directory') return source.path;
  return (await provideInput(host, run.runId, source, { input: 'link' }, signal)).directory;
}

async function previewTask(task: Task, directory: string): Promise<Preview> {
  const { train, test, sample, target, id } = task;
  const focus = {
    tables: [train, test, sample].filter((name) => name !== null),
    columns: [target, id].filter((name) => name !== null),
  };
  return previewData(directory, focus);
}

async function checkStillThere(directory: string): Promise<void> {
  const state = await lookAt(directory);
  const problem = state.ok ? (state.stats.isDirectory() ? null : 'is not a directory') : state.problem;
  if (problem === null) return;
  throw ApplicationFailure.nonRetryable(
    `Data directory ${directory} ${problem}; bring the task's data back, then start the run again under its id.`,
    FailureType.InvalidTask,
  );
}
