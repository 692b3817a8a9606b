import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { scorerOf } from '../domain/metrics';
import type { RunFile } from '../domain/run-files';
import type { ArtifactStore } from '../store/artifact-store';
import { runKeys } from '../store/run-keys';
import { askGrading, gradingFailed } from './grading-python';
import type { GradingAnswer } from './grading-python';
import type { GradeWorker, HoldoutSplit } from './kept-split';
import { requireAnswers } from './kept-split';

/** The rows that steer the search, or those that only the final selection may look at. */
export type HiddenPart = 'search' | 'selection';

/** What one prediction file is worth on one part. */
export type PartScore =
  | { readonly status: 'ok'; readonly metric: number; readonly standardError: number | null }
  | {
      readonly status: 'failed';
      readonly reason: 'bad_submission' | 'bad_metric' | 'evaluation_failed';
      readonly message: string;
    };

const partScoreSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('ok'), metric: z.number(), standardError: z.number().nullable() }),
  z.object({
    status: z.literal('failed'),
    reason: z.enum(['bad_submission', 'bad_metric', 'evaluation_failed']),
    message: z.string(),
  }),
]);

/** What scoring needs of its surroundings. */
export interface ScoringDependencies extends GradeWorker {
  readonly store: ArtifactStore;
}

/** A directory of one's own below the grade worker's, gone when `work` has ended. */
export async function inScratch<Value>(
  { gradeDirectory }: Pick<GradeWorker, 'gradeDirectory'>,
  work: (directory: string) => Promise<Value>,
): Promise<Value> {
  const directory = path.join(gradeDirectory, `.grade-${randomUUID()}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Scores prediction files on one part of a run's hidden rows; the scores come in the files' order and are written
 * nowhere.
 *
 * @param files paths of predictions for all rows of the public sample
 * @throws ApplicationFailure `GradingFailed` when the answers are gone or the grading program fails
 */
export async function scorePredictions(
  dependencies: ScoringDependencies,
  run: RunFile,
  split: HoldoutSplit,
  part: HiddenPart,
  files: readonly string[],
  signal: AbortSignal,
): Promise<readonly PartScore[]> {
  const directory = await requireAnswers(dependencies, run, split, signal);
  const answer = await scoreFiles(dependencies, run, { directory, part }, files, signal);
  if (!answer.ok) throw gradingFailed(answer.why);
  return run.request.samples ? answer.value : answer.value.map(withoutValues);
}

/** What is wrong with a prediction file, without the values that show it: messages stand in prompts. */
function withoutValues(score: PartScore): PartScore {
  if (score.status === 'ok') return score;
  const message = score.message.replace(/ \(such as .*$/s, '').replace(/(none of the classes) .*$/s, '$1');
  return { ...score, message };
}

/** The same with answers that lie in a given directory; a scorer that cannot be loaded is a refusal. */
export async function scoreFiles(
  dependencies: ScoringDependencies,
  run: Pick<RunFile, 'runId' | 'seed' | 'task'>,
  answers: { readonly directory: string; readonly part: HiddenPart },
  files: readonly string[],
  signal: AbortSignal,
): Promise<GradingAnswer<readonly PartScore[]>> {
  const { metric, scorer: ownScorer } = run.task;
  const named = ownScorer === null ? scorerOf(metric) : null;
  return inScratch(dependencies, async (scratch) => {
    const request = {
      step: 'score',
      ...answers,
      predictions: files,
      metric: named?.name ?? null,
      depth: named?.depth ?? null,
      scorer: ownScorer === null ? null : await fetchScorer(dependencies.store, run.runId, ownScorer, scratch),
      seed: run.seed,
    };
    const schema = z.object({ outcomes: z.array(partScoreSchema).length(files.length) });
    const answer = await askGrading(dependencies.pythonPath, request, schema, signal);
    return answer.ok ? { ok: true, value: answer.value.outcomes } : answer;
  });
}

/** The run's own copy of the task's scorer, on this machine. */
async function fetchScorer(store: ArtifactStore, runId: string, scorer: string, scratch: string): Promise<string> {
  const key = `${runKeys(runId).task}/${scorer}`;
  const local = path.join(scratch, 'scorer.py');
  if (await store.readFile(key, local)) return local;
  throw gradingFailed(`the run's copy of the scorer, ${key}, is missing in the store`);
}
