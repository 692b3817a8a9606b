import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import type { Pause } from '../domain/run-files';
import { bestFirst } from '../policy/best-first';
import { askInOrder } from './run-model-step';
import type { RunState } from './run-state';
import { writeSteps } from './step-activities';
import { isAboutModels } from './step-failure';
import { deadlineLeftMs } from './time-limits';

/** Longest that the end of a run waits for its story. */
const MOST_MS = 10 * 60_000;

/** Fewer working nodes make no story. */
const FEWEST_WORKING = 2;

/** How many nodes a story is made of, of either kind. */
const MOST_BEST = 5;
const MOST_LAST = 5;

/**
 * Has a model tell, for the report, how the search went. Nothing depends on it: a run whose models fail, or that has no
 * time or money left, ends without.
 *
 * @param lastPause the pause in which the search ended: a run whose models did not answer does not wait for them again
 * @throws CancelledFailure when the run is cancelled meanwhile
 */
export async function tellStory(run: RunState, lastPause: Pause | null): Promise<void> {
  if (!isWorthTelling(run) || (lastPause !== null && isAboutModels(lastPause))) return;
  const forMs = Math.min(MOST_MS, deadlineLeftMs(run, Date.now()));
  if (forMs <= 0) return;
  // The search is over: what follows is no work of the run's.
  run.clock.stop(Date.now());
  run.selecting = true;
  try {
    const { usage } = await CancellationScope.withTimeout(forMs, () => askForStory(run));
    run.spending.add(usage);
  } catch (error) {
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    log.warn('the story of the run could not be told; its report does without', { error });
  } finally {
    run.selecting = false;
  }
}

function isWorthTelling(run: RunState): boolean {
  return (
    run.replayed === null &&
    run.models.hasModel('report') &&
    run.spending.reachedCap === null &&
    run.tree.counts().working >= FEWEST_WORKING
  );
}

function askForStory(run: RunState) {
  const best = bestFirst(run.tree)
    .slice(0, MOST_BEST)
    .map(({ id }) => id);
  const last = run.tree
    .all()
    .filter(({ id, status }) => status !== 'in_flight' && !best.includes(id))
    .slice(-MOST_LAST)
    .map(({ id }) => id);
  return askInOrder(run, 'report', (endpoint, model) =>
    writeSteps(endpoint).summarize({
      runId: run.runId,
      digest: run.digests.last,
      nodes: [...best, ...last],
      model,
      moneyLeft: run.spending.left,
    }),
  );
}
