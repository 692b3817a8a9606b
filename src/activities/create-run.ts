import { randomInt } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { FILE_FORMAT } from '../domain/file-format';
import type { RunFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parallelOf } from '../domain/run-spec';
import type { Environment } from '../llm/endpoint';
import { offlineModels, settleModels } from '../llm/models/resolve-models';
import { settlePrompts } from '../llm/prompts/settle-prompts';
import { scriptMachine } from '../sandbox/script-resources';
import type { ArtifactStore } from '../store/artifact-store';
import { writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { copyTaskFiles } from '../task/copy-task-files';
import { loadTask } from '../task/load-task';
import { beginFork } from './fork-run';
import { beginReplay } from './replay-run';
import { chooseEvaluation } from './run-evaluation';

export interface CreateRunDependencies {
  readonly store: ArtifactStore;
  /** What relative task paths are resolved against. */
  readonly tasks: string;
  readonly environment: Environment;
  /** Scripts that this machine runs at once. */
  readonly slots: number;
  readonly versions: () => Promise<RunFile['versions']>;
}

/** What differs between a run of its own, a fork and a replay. */
export type Beginning = Pick<RunFile, 'task' | 'models' | 'seed'>;

/**
 * Begins a run that has no files yet: settles what its spec leaves open and stores what it works with. `run.json` comes
 * last and makes the directory the run's own, so that an attempt that was killed is made again.
 *
 * @param request the spec as it is kept, with absolute paths
 * @throws ApplicationFailure `InvalidTask`, `ModelKeyRejected` or `RunIdInUse`, for good
 */
export async function createRun(
  dependencies: CreateRunDependencies,
  runId: string,
  spec: RunSpec,
  request: RunSpec,
): Promise<RunFile> {
  const begun = await begin(dependencies, runId, request);
  const run: RunFile = {
    format: FILE_FORMAT,
    runId,
    request,
    seed: begun.seed,
    parallel: parallelOf(spec),
    // What the request says of the network is settled with the rest of the task.
    task: { ...begun.task, network: request.network ?? begun.task.network },
    models: begun.models,
    versions: await dependencies.versions(),
    machine: scriptMachine(request.limits, dependencies.slots),
    createdAt: new Date().toISOString(),
  };
  await writeJson(dependencies.store, runKeys(runId).run, run);
  return run;
}

async function begin(dependencies: CreateRunDependencies, runId: string, request: RunSpec): Promise<Beginning> {
  const { store } = dependencies;
  const { fork, replay } = request;
  if (fork !== undefined && replay !== undefined) {
    throw ApplicationFailure.nonRetryable(
      'a run is either a fork or a replay of another: leave out $.fork or $.replay',
      FailureType.InvalidTask,
    );
  }
  if (fork !== undefined) {
    const models = await modelsOf(dependencies, request);
    const source = await beginFork(store, runId, request, fork);
    // Templates asked for as before are used as the source copied them.
    const { prompts = null } = request;
    if (prompts !== null && prompts !== source.request.prompts) await settlePrompts(store, runId, prompts);
    return { task: source.task, seed: request.seed ?? source.seed, models };
  }
  if (replay !== undefined) {
    const source = await beginReplay(store, runId, request, replay);
    // Nothing is asked, so that no worker has to reach a model.
    return { task: source.task, seed: source.seed, models: offlineModels() };
  }
  return beginAnew(dependencies, runId, request);
}

async function beginAnew(dependencies: CreateRunDependencies, runId: string, request: RunSpec): Promise<Beginning> {
  const loaded = await loadTask(request, dependencies.tasks);
  if (!loaded.ok) throw ApplicationFailure.nonRetryable(loaded.message, FailureType.InvalidTask);
  await chooseEvaluation(request.evaluation, loaded.task);
  const models = await modelsOf(dependencies, request);
  await settlePrompts(dependencies.store, runId, request.prompts ?? loaded.prompts);
  await copyTaskFiles(dependencies.store, runId, loaded.files);
  return { task: loaded.task, models, seed: request.seed ?? randomInt(2 ** 32) };
}

async function modelsOf({ environment }: CreateRunDependencies, request: RunSpec): Promise<RunFile['models']> {
  const resolved = await settleModels(request, environment);
  if (!resolved.ok) throw ApplicationFailure.nonRetryable(resolved.message, FailureType.ModelKeyRejected);
  return resolved.models;
}
