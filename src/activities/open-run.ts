import { randomInt } from 'node:crypto';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { StepFile } from '../domain/node-record';
import { FILE_FORMAT, nodeRecordSchema, stepFileSchema } from '../domain/node-record';
import type { NodeRecord } from '../domain/node-record';
import type { Direction } from '../domain/direction';
import { FailureType } from '../domain/failure-type';
import type { RunFile } from '../domain/run-files';
import { runFileSchema, stateFileSchema } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parallelOf } from '../domain/run-spec';
import { differingFields } from '../domain/same-request';
import type { OpenRunInput, OpenRunResult, RecoveredRun } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { toTreeColumns } from '../domain/tree-columns';
import { NO_USAGE, addUsage } from '../domain/usage';
import type { Environment } from '../llm/endpoint';
import { resolveModels } from '../llm/endpoint';
import { SearchTree } from '../policy/search-tree';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { copyTaskFiles } from '../task/copy-task-files';
import { loadTask } from '../task/load-task';
import { chooseEvaluation, requireEvaluation } from './run-evaluation';

export interface OpenRunDependencies {
  readonly store: ArtifactStore;
  /** What relative task paths are resolved against. */
  readonly tasks: string;
  readonly environment: Environment;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly versions: () => Promise<RunFile['versions']>;
  /** Milliseconds the embedded server has been down in all its life; 0 on another server. */
  readonly serverDownMs: () => Promise<number>;
}

/** Files read at once when a run is rebuilt. */
const READS_AT_ONCE = 32;

/**
 * Claims the run's directory: a new one for a new run, or the one that is there when it holds a run of the same
 * request, which is then rebuilt from its files.
 */
export function createOpenRun(dependencies: OpenRunDependencies): (input: OpenRunInput) => Promise<OpenRunResult> {
  return async ({ runId, spec }) => {
    const { store } = dependencies;
    const request = requestOf(spec, dependencies.tasks);
    const existing = await readJson(store, runKeys(runId).run, runFileSchema);
    if (existing !== null) refuseOtherRequest(runId, existing.request, request);
    const run = existing ?? (await createRun(dependencies, runId, spec, request));
    return {
      seed: run.seed,
      direction: run.task.direction,
      modelEndpoint: run.models.endpoint,
      serverDownMs: await dependencies.serverDownMs(),
      evaluation: await requireEvaluation(store, { runId, asked: run.request.evaluation, task: run.task }),
      reruns: run.task.reruns,
      recovered: existing === null ? null : await recover(store, runId, run.task.direction),
      drainAt: dependencies.drainAt,
    };
  };
}

function requestOf(spec: RunSpec, tasks: string): RunSpec {
  const asked = { ...spec };
  delete asked.machineDefaults;
  if (typeof asked.task === 'string') return { ...asked, task: path.resolve(tasks, asked.task) };
  return { ...asked, task: { ...asked.task, data: path.resolve(tasks, asked.task.data) } };
}

function refuseOtherRequest(runId: string, existing: RunSpec, asked: RunSpec): void {
  const fields = differingFields(existing, asked);
  if (fields.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `run id "${runId}" is in use for another request: ${fields.join(', ')} differ; use another id`,
    FailureType.RunIdInUse,
  );
}

async function createRun(
  { store, tasks, environment, versions }: OpenRunDependencies,
  runId: string,
  spec: RunSpec,
  request: RunSpec,
): Promise<RunFile> {
  const loaded = await loadTask(spec.task, tasks);
  if (!loaded.ok) throw ApplicationFailure.nonRetryable(loaded.message, FailureType.InvalidTask);
  await chooseEvaluation(request.evaluation, loaded.task);
  const resolved = resolveModels(spec.models, environment);
  if (!resolved.ok) throw ApplicationFailure.nonRetryable(resolved.message, FailureType.ModelKeyRejected);
  await copyTaskFiles(store, runId, loaded.files);
  const run: RunFile = {
    format: FILE_FORMAT,
    runId,
    request,
    seed: spec.seed ?? randomInt(2 ** 32),
    parallel: parallelOf(spec),
    // What the request says of the network is settled with the rest of the task.
    task: { ...loaded.task, network: request.network ?? loaded.task.network },
    models: resolved.models,
    versions: await versions(),
    createdAt: new Date().toISOString(),
  };
  await writeJson(store, runKeys(runId).run, run);
  return run;
}

interface StoredNode {
  readonly id: number;
  readonly record: NodeRecord | null;
  readonly step: StepFile | null;
}

/**
 * The tree as the files tell it. A node without a record is in flight again with its own operator and parent, so that
 * its stored answers still fit; an id of which nothing but an empty directory is left is a hole.
 */
async function recover(store: ArtifactStore, runId: string, direction: Direction): Promise<RecoveredRun> {
  const keys = runKeys(runId);
  const ids = await listNodeIds(store, runId);
  const stored = await mapBounded(ids, READS_AT_ONCE, (id) => readNode(store, runId, id));
  const records = stored.flatMap(({ record }) => (record === null ? [] : [record]));
  const state = await readJson(store, keys.state, stateFileSchema);
  const tree = toTreeColumns(treeNodes(stored));
  // Not the best of `state.json`: after a final selection that is its winner.
  const bestId = new SearchTree(direction, tree).best?.id;
  const best = records.find((record) => record.id === bestId);
  return {
    tree,
    completions: Math.max(0, ...records.map((record) => record.completion)),
    usage: records.reduce((sum, record) => addUsage(sum, record.usage), NO_USAGE),
    elapsedMs: 1000 * Math.max(state?.elapsedSeconds ?? 0, ...records.map((record) => record.elapsedSeconds)),
    extendedSteps: state?.extendedSteps ?? 0,
    extendedMs: (state?.extendedSeconds ?? 0) * 1000,
    bestCompletion: best?.completion ?? 0,
    bestSeconds: best?.scriptSeconds ?? 0,
  };
}

async function readNode(store: ArtifactStore, runId: string, id: number): Promise<StoredNode> {
  const keys = runKeys(runId).node(id);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  const step = record === null ? await readJson(store, keys.step, stepFileSchema) : null;
  return { id, record, step };
}

function treeNodes(stored: readonly StoredNode[]): (TreeNode | null)[] {
  const recorded = new Set(stored.filter(({ record }) => record !== null).map(({ id }) => id));
  const byId = new Map(stored.map((node) => [node.id, toTreeNode(node, recorded)]));
  const last = Math.max(0, ...[...byId].filter(([, node]) => node !== null).map(([id]) => id));
  return Array.from({ length: last }, (_, index) => byId.get(index + 1) ?? null);
}

function toTreeNode({ id, record, step }: StoredNode, recorded: ReadonlySet<number>): TreeNode | null {
  if (record !== null) {
    const { operator, parent, status, reason, metric } = record;
    return { id, operator, parent, status, reason, metric };
  }
  if (step === null) return null;
  const { operator, parent } = step.identity;
  if (parent !== null && !recorded.has(parent)) return null;
  return { id, operator, parent, status: 'in_flight', reason: null, metric: null };
}
