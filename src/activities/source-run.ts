import { ApplicationFailure } from '@temporalio/common';
import type { EvaluationFile } from '../domain/evaluation';
import { evaluationFileSchema } from '../domain/evaluation';
import { FailureType } from '../domain/failure-type';
import type { NodeRecord } from '../domain/node-record';
import { nodeRecordSchema } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { differingFields } from '../domain/same-request';
import type { ArtifactStore } from '../store/artifact-store';
import { copyTree } from '../store/copy-tree';
import { readJson, writeJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { readRun } from '../store/read-run';

/** The run that a fork or a replay starts from. */
export interface SourceRun {
  readonly run: RunFile;
  /** Recorded nodes in order of id. */
  readonly records: readonly NodeRecord[];
}

const READS_AT_ONCE = 32;

/**
 * Reads the run that another one starts from.
 *
 * @param verb what is to be done with it, for messages
 * @throws ApplicationFailure `InvalidTask` when it is not in the store, has no recorded node, or is about something else
 */
export async function requireSource(
  store: ArtifactStore,
  sourceId: string,
  request: RunSpec,
  verb: 'fork' | 'replay',
): Promise<SourceRun> {
  const run = await readRun(store, sourceId);
  if (run === null)
    throw cannot(`run "${sourceId}" is not in the store, so nothing of it can be taken: ${verb} another`);
  const others = differingFields(run.request, request).filter((field) => /^task(\.|$)/.test(field));
  if (others.length > 0) {
    throw cannot(
      `run "${sourceId}" is about another task than the one named (${others.join(', ')} differ): a ${verb} keeps the task`,
    );
  }
  await requireSameScores(store, sourceId, request, verb);
  const ids = await listNodeIds(store, sourceId);
  const records = await mapBounded(ids, READS_AT_ONCE, (id) =>
    readJson(store, runKeys(sourceId).node(id).record, nodeRecordSchema),
  );
  const recorded = records.filter((record) => record !== null);
  if (recorded.length === 0) throw cannot(`run "${sourceId}" has no recorded node yet: there is nothing to ${verb}`);
  return { run, records: recorded };
}

async function requireSameScores(
  store: ArtifactStore,
  sourceId: string,
  { evaluation: asked }: RunSpec,
  verb: string,
): Promise<void> {
  const evaluation = await readJson(store, runKeys(sourceId).evaluation, evaluationFileSchema);
  if (asked === 'auto' || evaluation === null || asked === evaluation.kind) return;
  throw cannot(
    `the scores of run "${sourceId}" are made by ${evaluation.kind}, and ${asked} is asked for: ` +
      `a ${verb} keeps how nodes are scored, else its scores could not be compared`,
  );
}

/**
 * Copies what the source works with: its task's files, the data as its scripts see them and how they are scored, with
 * the same rows withheld.
 */
export async function copySurroundings(store: ArtifactStore, source: RunFile, runId: string): Promise<void> {
  const from = runKeys(source.runId);
  const to = runKeys(runId);
  await copyTree(store, from.task, to.task);
  await copyTree(store, from.data, to.data);
  await copyTree(store, from.prompts, to.prompts);
  const evaluation = await readJson(store, from.evaluation, evaluationFileSchema);
  if (evaluation !== null) await writeJson(store, to.evaluation, withSplitOf(source, evaluation));
}

/** A grade worker that has to withhold the rows once more needs to know how the source did it. */
function withSplitOf({ seed }: RunFile, evaluation: EvaluationFile): EvaluationFile {
  const { split } = evaluation;
  return split === null ? evaluation : { ...evaluation, split: { ...split, seed: split.seed ?? seed } };
}

export function cannot(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, FailureType.InvalidTask);
}
