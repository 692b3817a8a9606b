import type { EvaluationFile, GradeFile } from '../domain/evaluation';
import { evaluationFileSchema, gradeFileSchema } from '../domain/evaluation';
import { executionFileSchema } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { GradeInput, GradeResult } from '../domain/steps';
import { gradeHoldout } from '../grading/grade-holdout';
import { gradingFailed } from '../grading/grading-python';
import type { ScoringDependencies } from '../grading/score-predictions';
import { loadRun } from '../llm/run-material';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';

/** Runs the task's own evaluator on a node's output. */
export type EvaluateByCommand = (run: RunFile, nodeId: number, signal: AbortSignal) => Promise<GradeFile>;

export interface GradeDependencies extends ScoringDependencies {
  readonly evaluateByCommand: EvaluateByCommand;
}

/**
 * Makes the `grade` step: scores a node's stored output and stores `grade.json` last. What was graded before is not
 * graded again.
 *
 * @throws ApplicationFailure `GradingFailed` when the grading itself fails; StoreError
 */
export function createGrade(
  dependencies: GradeDependencies,
): (input: GradeInput, signal: AbortSignal) => Promise<GradeResult> {
  const { store } = dependencies;
  return async ({ runId, nodeId }, signal) => {
    const run = await loadRun(store, runId);
    const evaluation = await readJson(store, runKeys(runId).evaluation, evaluationFileSchema);
    if (evaluation === null) throw new StoreError(`${runKeys(runId).evaluation} is missing; the split step writes it`);
    return toResult(await grade(dependencies, run, evaluation, nodeId, signal));
  };
}

async function grade(
  dependencies: GradeDependencies,
  run: RunFile,
  evaluation: EvaluationFile,
  nodeId: number,
  signal: AbortSignal,
): Promise<GradeFile> {
  const { store } = dependencies;
  const { grade: key, execution: executionKey } = runKeys(run.runId).node(nodeId);
  if (evaluation.kind === 'command') {
    const file = await dependencies.evaluateByCommand(run, nodeId, signal);
    await writeJson(store, key, file);
    return file;
  }
  if (evaluation.kind === 'reported') throw gradingFailed('a run with reported scores grades nothing');
  const execution = await readJson(store, executionKey, executionFileSchema);
  const outputHash = execution?.submissionHash;
  if (!outputHash) throw new StoreError(`${executionKey} names no predictions, though the script's run is recorded`);
  const stored = await readJson(store, key, gradeFileSchema);
  if (stored?.outputHash === outputHash) return stored;
  const file = await gradeHoldout(dependencies, run, evaluation, { id: nodeId, outputHash }, signal);
  await writeJson(store, key, file);
  return file;
}

function toResult({ status, metric, reason }: GradeFile): GradeResult {
  if (status === 'ok' && metric !== null) return { status: 'ok', metric };
  return { status: 'failed', reason: reason ?? 'evaluation_failed' };
}
