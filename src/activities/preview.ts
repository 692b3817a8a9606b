import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { Preview } from '../domain/preview';
import { runFileSchema } from '../domain/run-files';
import type { PreviewInput } from '../domain/steps';
import type { Task } from '../domain/task';
import { OFFLINE } from '../llm/endpoint';
import { offlineRefusal } from '../llm/offline/offline-model';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { previewData } from '../task/preview';
import { lookAt } from '../task/task-problem';

/**
 * Makes the activity that looks at the task's data and stores `preview.json`; does nothing when it is stored already.
 * Fails with `InvalidTask`, for good, when the data directory is gone or the offline model cannot do the task.
 */
export function createPreview({ store }: { readonly store: ArtifactStore }): (input: PreviewInput) => Promise<void> {
  return async ({ runId }) => {
    const keys = runKeys(runId);
    if (await store.exists(keys.preview)) return;
    const run = await readJson(store, keys.run, runFileSchema);
    if (run === null) throw new StoreError(`${keys.run} is missing; start the run again under its id`);
    const preview = await previewTask(run.task);
    const refusal = run.models.endpoint === OFFLINE ? offlineRefusal(run.task, preview) : null;
    if (refusal !== null) {
      // Nothing of the run is worth keeping, and its request may mean something else once the task is changed.
      await store.remove(keys.directory);
      throw ApplicationFailure.nonRetryable(refusal, FailureType.InvalidTask);
    }
    await writeJson(store, keys.preview, preview);
  };
}

async function previewTask(task: Task): Promise<Preview> {
  const { dataDirectory, train, test, sample, target, id } = task;
  await checkStillThere(dataDirectory);
  const focus = {
    tables: [train, test, sample].filter((name) => name !== null),
    columns: [target, id].filter((name) => name !== null),
  };
  return previewData(dataDirectory, focus);
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
