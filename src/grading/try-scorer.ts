import path from 'node:path';
import type { RunFile } from '../domain/run-files';
import type { SplitPlaces } from './make-split';
import { MADE_SAMPLE } from './make-split';
import type { ScoringDependencies } from './score-predictions';
import { scoreFiles } from './score-predictions';
import type { SplitPlan } from './split-plan';

/**
 * Lets a scorer of the task's own score the sample's guesses, so that a broken one is found before any node is paid
 * for. The end of a sentence when it cannot; null when all is well.
 */
export async function tryScorer(
  dependencies: ScoringDependencies,
  run: RunFile,
  places: SplitPlaces,
  plan: SplitPlan,
  signal: AbortSignal,
): Promise<string | null> {
  if (run.task.scorer === null) return null;
  const sample = path.join(places.publicData, plan.sample?.name ?? MADE_SAMPLE);
  const answer = await scoreFiles(dependencies, run, { directory: places.answers, part: 'search' }, [sample], signal);
  if (!answer.ok) return answer.why;
  const [score] = answer.value;
  return score?.status === 'failed' ? `its scorer cannot score the sample: ${score.message}` : null;
}
