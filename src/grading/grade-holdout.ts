import path from 'node:path';
import { z } from 'zod';
import type { EvaluationFile, GradeFile } from '../domain/evaluation';
import { evaluationFileSchema } from '../domain/evaluation';
import type { RunFile } from '../domain/run-files';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { askGrading, gradingFailed } from './grading-python';
import type { HoldoutSplit } from './kept-split';
import { requireAnswers } from './kept-split';
import { inScratch, scorePredictions } from './score-predictions';
import type { ScoringDependencies } from './score-predictions';

/**
 * Scores a node's stored predictions on the rows that steer the search, and stores its submission: the predictions less
 * the hidden rows.
 *
 * @param outputHash of the stored predictions
 * @throws ApplicationFailure `GradingFailed`; StoreError
 */
export async function gradeHoldout(
  dependencies: ScoringDependencies,
  run: RunFile,
  evaluation: EvaluationFile,
  node: { readonly id: number; readonly outputHash: string },
  signal: AbortSignal,
): Promise<GradeFile> {
  const split = splitOf(run, evaluation);
  return inScratch(dependencies, async (scratch) => {
    const predictions = await fetchPredictions(dependencies, run, node.id, scratch);
    const [score] = await scorePredictions(dependencies, run, split, 'search', [predictions], signal);
    if (score === undefined) throw gradingFailed('the grading program gave no score');
    if (score.status === 'ok') {
      await storeSubmission(dependencies, run, split, { nodeId: node.id, predictions, scratch }, signal);
      const { metric, standardError } = score;
      return { outputHash: node.outputHash, status: 'ok', reason: null, message: '', metric, standardError };
    }
    const { reason, message } = score;
    return { outputHash: node.outputHash, status: 'failed', reason, message, metric: null, standardError: null };
  });
}

/**
 * Scores nodes' stored predictions on the rows that no decision has seen. Only for the final selection: the scores are
 * written nowhere. A node whose predictions cannot be scored is left out.
 *
 * @throws ApplicationFailure `GradingFailed`; StoreError
 */
export async function scoreSelection(
  dependencies: ScoringDependencies,
  run: RunFile,
  nodeIds: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, { readonly score: number; readonly standardError: number | null }>> {
  const evaluation = await readJson(dependencies.store, runKeys(run.runId).evaluation, evaluationFileSchema);
  const split = splitOf(run, evaluation);
  return inScratch(dependencies, async (scratch) => {
    const files: string[] = [];
    for (const id of nodeIds) files.push(await fetchPredictions(dependencies, run, id, scratch));
    const scores = await scorePredictions(dependencies, run, split, 'selection', files, signal);
    const entries = scores.flatMap((score, index) => {
      const id = nodeIds[index];
      if (id === undefined || score.status === 'failed') return [];
      return [[id, { score: score.metric, standardError: score.standardError }] as const];
    });
    return new Map(entries);
  });
}

function splitOf(run: RunFile, evaluation: EvaluationFile | null): HoldoutSplit {
  if (evaluation?.split) return evaluation.split;
  throw new StoreError(`${runKeys(run.runId).evaluation} does not say which rows were withheld`);
}

async function fetchPredictions(
  { store }: ScoringDependencies,
  run: RunFile,
  nodeId: number,
  scratch: string,
): Promise<string> {
  const key = runKeys(run.runId).node(nodeId).predictions;
  const local = path.join(scratch, `predictions-${nodeId}.csv`);
  if (await store.readFile(key, local)) return local;
  throw new StoreError(`${key} is missing in the store, though the script's run is recorded`);
}

interface ToSubmit {
  readonly nodeId: number;
  readonly predictions: string;
  readonly scratch: string;
}

async function storeSubmission(
  dependencies: ScoringDependencies,
  run: RunFile,
  split: HoldoutSplit,
  { nodeId, predictions, scratch }: ToSubmit,
  signal: AbortSignal,
): Promise<void> {
  if (split.testRows === 0) return;
  const submission = path.join(scratch, 'submission.csv');
  const directory = await requireAnswers(dependencies, run, split, signal);
  const request = { step: 'submit', directory, predictions, submission };
  const schema = z.object({ written: z.boolean() });
  const answer = await askGrading(dependencies.pythonPath, request, schema, signal);
  if (!answer.ok) throw gradingFailed(answer.why);
  await dependencies.store.writeFile(runKeys(run.runId).node(nodeId).submission, submission);
}
