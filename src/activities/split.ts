import { ApplicationFailure } from '@temporalio/common';
import type { EvaluationFile } from '../domain/evaluation';
import { evaluationFileSchema } from '../domain/evaluation';
import { FailureType } from '../domain/failure-type';
import type { RunFile } from '../domain/run-files';
import type { SplitInput, SplitResult } from '../domain/steps';
import { gradingFailed } from '../grading/grading-python';
import { makeKeptSplit } from '../grading/kept-split';
import { MADE_SAMPLE, madeTables, madeTestName } from '../grading/make-split';
import type { MadeSplit } from '../grading/make-split';
import { publishData } from '../grading/publish-data';
import type { ScoringDependencies } from '../grading/score-predictions';
import type { SettledEvaluation } from '../grading/settle-evaluation';
import { wantedEvaluation, withoutHiddenRows } from '../grading/settle-evaluation';
import type { SplitPlan } from '../grading/split-plan';
import { planSplit } from '../grading/split-plan';
import { tryScorer } from '../grading/try-scorer';
import { loadRun } from '../llm/run-material';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/**
 * Makes the `split` step. What it makes follows from the run's seed and data alone, and `evaluation.json` is
 * written when all of it is there, so an attempt that was killed is simply made again.
 *
 * @throws ApplicationFailure `InvalidTask` when `holdout` was asked for by name and the data does not allow it,
 *   `GradingFailed` when the grading program fails
 */
export function createSplit(
  dependencies: ScoringDependencies,
): (input: SplitInput, signal: AbortSignal) => Promise<SplitResult> {
  const { store } = dependencies;
  return async ({ runId }, signal) => {
    const { evaluation: key } = runKeys(runId);
    const run = await loadRun(store, runId);
    const existing = await readJson(store, key, evaluationFileSchema);
    const evaluation = existing ?? (await settle(dependencies, run, signal));
    if (typeof evaluation === 'string') {
      // Nothing of the run is worth keeping, and its request may mean something else once the task is changed.
      await store.remove(runKeys(runId).directory);
      throw ApplicationFailure.nonRetryable(evaluation, FailureType.InvalidTask);
    }
    if (existing === null) await writeJson(store, key, evaluation);
    await nameMadeTables(store, run, evaluation);
    // Tables made for the run are not among the owner's, where scripts would look for them.
    return { evaluation: evaluation.kind, canRefit: evaluation.split?.made.length === 0 };
  };
}

/** A text says why what was asked for by name is impossible. */
async function settle(
  dependencies: ScoringDependencies,
  run: RunFile,
  signal: AbortSignal,
): Promise<EvaluationFile | string> {
  const wanted = wantedEvaluation(run.request.evaluation, run.task);
  if (wanted === 'reported' || wanted === 'command') {
    throw gradingFailed(`a run with ${wanted} scores has no rows to withhold`);
  }
  const planned = await planSplit(run.task, wanted === 'holdout');
  if (!planned.ok) return fileOf(withoutHiddenRows(wanted, planned.why));
  const { plan } = planned;
  const outcome = await makeKeptSplit(dependencies, run, plan, signal, async (made, places) => {
    const file = holdoutFile(made, plan, wanted);
    const refusal = await tryScorer(dependencies, run, places, plan, signal);
    if (refusal !== null) return fileOf(withoutHiddenRows(wanted, refusal));
    const tables = { directory: places.publicData, names: tableNames(plan) };
    await publishData(dependencies.store, runKeys(run.runId).data, tables, plan, run.task.dataDirectory);
    return file;
  });
  return outcome.ok ? outcome.value : fileOf(withoutHiddenRows(wanted, outcome.why));
}

function fileOf(settled: Exclude<SettledEvaluation, { status: 'open' }>): EvaluationFile | string {
  return settled.status === 'settled' ? settled.file : settled.message;
}

function holdoutFile(made: MadeSplit, plan: SplitPlan, wanted: 'auto' | 'holdout'): EvaluationFile {
  const { method, trainRows, searchRows, selectionRows, testRows, dataHash } = made;
  const rows = trainRows + searchRows + selectionRows;
  const why =
    wanted === 'holdout'
      ? 'Hidden rows were asked for.'
      : `The data allow hidden rows: ${rows} rows, with an id and a metric that is known here.`;
  const split = { method, trainRows, searchRows, selectionRows, testRows, dataHash, made: madeTables(plan) };
  return { kind: 'holdout', why, split };
}

function tableNames(plan: SplitPlan): string[] {
  return [plan.train.name, plan.test?.name ?? madeTestName(plan), plan.sample?.name ?? MADE_SAMPLE];
}

/** From here on the run knows tables that were made for it as any others. */
async function nameMadeTables(store: ArtifactStore, run: RunFile, { split }: EvaluationFile): Promise<void> {
  const [sample, test] = [true, false].map((isSample) =>
    split?.made.find((name) => (name === MADE_SAMPLE) === isSample),
  );
  const task = { ...run.task, test: test ?? run.task.test, sample: sample ?? run.task.sample };
  if (task.test === run.task.test && task.sample === run.task.sample) return;
  await writeJson(store, runKeys(run.runId).run, { ...run, task });
}
