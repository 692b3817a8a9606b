import { evaluationFileSchema } from '../domain/evaluation';
import type { EvaluationKind } from '../domain/evaluation';
import { previewSchema } from '../domain/preview';
import { environmentFileSchema, type RunFile } from '../domain/run-files';
import type { Preview } from '../domain/preview';
import type { Purpose } from '../domain/purpose';
import type { ResolvedModel } from '../domain/resolved-model';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { readRun } from '../store/read-run';
import type { RunMaterial } from './prompts/prompt-material';

/**
 * What was settled at the run's start.
 *
 * @throws StoreError when it is not in the store
 */
export async function loadRun(store: ArtifactStore, runId: string): Promise<RunFile> {
  const key = runKeys(runId).run;
  const run = await readRun(store, runId);
  if (run === null) throw new StoreError(`${key} is missing; do all workers of the run use the same COPPICE_STORE?`);
  return run;
}

/** Where the scores of a run come from; runs begun before that was a question have no file that says so. */
export async function loadEvaluation(store: ArtifactStore, runId: string): Promise<EvaluationKind> {
  const file = await readJson(store, runKeys(runId).evaluation, evaluationFileSchema);
  return file?.kind ?? 'reported';
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

/**
 * What opens every prompt of the run: the interpreter and the packages are those that its scripts really have.
 *
 * @throws StoreError when the preview is not in the store
 */
export async function loadRunMaterial(store: ArtifactStore, run: RunFile): Promise<RunMaterial> {
  const environment = await readJson(store, runKeys(run.runId).environment, environmentFileSchema);
  const { python, packages } = environment ?? run.versions;
  return {
    task: run.task,
    evaluation: await loadEvaluation(store, run.runId),
    python,
    packages,
    scriptLimitSeconds: run.request.limits.script,
    cores: run.machine?.cores ?? null,
    memoryBytes: run.machine?.memoryBytes ?? run.request.limits.memory ?? null,
    preview: await loadPreview(store, run.runId),
    samples: run.request.samples,
  };
}

/** The digest written when so many nodes had been recorded; empty when there is none. */
export async function loadDigest(store: ArtifactStore, runId: string, upTo: number | null): Promise<string> {
  return upTo === null ? '' : readText(store, runKeys(runId).digest(upTo).text);
}

/** A stored text; empty when there is none. */
export async function readText(store: ArtifactStore, key: string): Promise<string> {
  return (await store.read(key))?.toString('utf8') ?? '';
}

/**
 * The model of a role at a place in its order of preference.
 *
 * @throws StoreError when the run has none there
 */
export function modelAt(run: RunFile, role: Purpose, index: number): ResolvedModel {
  const model = run.models[role][index];
  if (model === undefined) throw new StoreError(`run ${run.runId} has no model number ${index + 1} for ${role}`);
  return model;
}
