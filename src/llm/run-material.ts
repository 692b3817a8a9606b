import { previewSchema } from '../domain/preview';
import { runFileSchema, type RunFile } from '../domain/run-files';
import type { Preview } from '../domain/preview';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import type { RunMaterial } from './prompts/prompt-material';

/**
 * What was settled at the run's start.
 *
 * @throws StoreError when it is not in the store
 */
export async function loadRun(store: ArtifactStore, runId: string): Promise<RunFile> {
  const key = runKeys(runId).run;
  const run = await readJson(store, key, runFileSchema);
  if (run === null) throw new StoreError(`${key} is missing; do all workers of the run use the same COPPICE_STORE?`);
  return run;
}

/**
 * The preview of the run's data.
 *
 * @throws StoreError when it is not in the store
 */
export async function loadPreview(store: ArtifactStore, runId: string): Promise<Preview> {
  const key = runKeys(runId).preview;
  const preview = await readJson(store, key, previewSchema);
  if (preview === null) throw new StoreError(`${key} is missing; it is made at the start of a run`);
  return preview;
}

export function runMaterial(run: RunFile, preview: Preview): RunMaterial {
  return {
    task: run.task,
    python: run.versions.python,
    packages: run.versions.packages,
    scriptLimitSeconds: run.request.limits.script,
    preview,
  };
}

/** A stored text; empty when there is none. */
export async function readText(store: ArtifactStore, key: string): Promise<string> {
  return (await store.read(key))?.toString('utf8') ?? '';
}
