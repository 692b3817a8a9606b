import { ApplicationFailure } from '@temporalio/common';
import type { EvaluationFile, EvaluationKind } from '../domain/evaluation';
import { evaluationFileSchema } from '../domain/evaluation';
import { FailureType } from '../domain/failure-type';
import type { RunSpec } from '../domain/run-spec';
import type { Task } from '../domain/task';
import { settleEvaluation } from '../grading/settle-evaluation';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';

/** Runs begun before coppice withheld rows have nodes, and no file that says how they are scored. */
const BEGUN_WITHOUT: EvaluationFile = {
  kind: 'reported',
  why: 'The run was begun when scripts always reported their own scores.',
  split: null,
};

/**
 * How a new run's nodes are to be scored, before anything is written.
 *
 * @returns null when only the rows themselves can tell, or when they are asked to be hidden
 * @throws ApplicationFailure `InvalidTask` when what is asked for by name is impossible
 */
export async function chooseEvaluation(asked: RunSpec['evaluation'], task: Task): Promise<EvaluationFile | null> {
  const settled = await settleEvaluation(asked, task);
  if (settled.status === 'impossible') throw ApplicationFailure.nonRetryable(settled.message, FailureType.InvalidTask);
  return settled.status === 'settled' ? settled.file : null;
}

/** The same for a run that has its files; `evaluation.json` is written as soon as it is settled. */
export async function requireEvaluation(
  store: ArtifactStore,
  run: { readonly runId: string; readonly asked: RunSpec['evaluation']; readonly task: Task },
): Promise<EvaluationKind | 'auto'> {
  const { evaluation: key } = runKeys(run.runId);
  const stored = await readJson(store, key, evaluationFileSchema);
  if (stored !== null) return stored.kind;
  const hasNodes = (await listNodeIds(store, run.runId)).length > 0;
  const settled = hasNodes ? BEGUN_WITHOUT : await chooseEvaluation(run.asked, run.task);
  if (settled === null) return 'auto';
  await writeJson(store, key, settled);
  return settled.kind;
}
