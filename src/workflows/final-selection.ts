import { isCancellation, log } from '@temporalio/workflow';
import type { ExecuteResult } from '../domain/steps';
import type { ScriptVariant } from '../domain/script-variant';
import { parallelOf } from '../domain/run-spec';
import { selectionCandidates } from '../policy/selection-candidates';
import { executeScript } from './execute-script';
import type { RunState } from './run-state';
import { runStep } from './run-step';
import { gradeSteps } from './step-activities';
import { timeLeftMs } from './time-limits';

/** One more run of a candidate's script with a seed of its own. */
interface Rerun {
  readonly nodeId: number;
  readonly variant: ScriptVariant;
}

/**
 * Compares the best nodes on what the search never saw: rows kept back (`holdout`), or runs with other seeds where the
 * task allows them (`reported`). In `holdout` the winner then runs once more on all the data. Nothing here may keep a
 * finished run from its end: what does not work is left out, and the best node by search score stays the answer.
 *
 * @returns what the winner's run on all the data came to; null when there was none
 * @throws CancelledFailure when the run is cancelled meanwhile
 */
export async function selectFinally(run: RunState): Promise<ExecuteResult | null> {
  const candidates = selectionCandidates(run.tree);
  if (!needsSelection(run) || candidates.length === 0) return null;
  // A pause holds up the search; what is left of the run is its end.
  run.resume(Date.now());
  run.selecting = true;
  try {
    await rerunAll(run, seededReruns(run, candidates));
    run.selection = await runStep(run, () =>
      gradeSteps.select({ runId: run.runId, evaluation: run.evaluation, candidates, reruns: run.reruns }),
    );
    return run.canRefit ? await executeVariant(run, run.selection.winner, 'refit') : null;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the final selection could not be finished', { error });
    return null;
  } finally {
    run.selecting = false;
  }
}

function needsSelection(run: RunState): boolean {
  return run.evaluation === 'holdout' || (run.evaluation === 'reported' && run.reruns > 0);
}

/** Seed by seed, so that all candidates have as many runs when the time ends before the last. */
function seededReruns(run: RunState, candidates: readonly { readonly id: number }[]): Rerun[] {
  const seeds = run.evaluation === 'reported' ? run.reruns : 0;
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    candidates.map(({ id }): Rerun => ({ nodeId: id, variant: `seed-${seed}` })),
  );
}

/** As many at once as the search ran; the machinery's failure of one ends them all, since it would meet the others. */
async function rerunAll(run: RunState, reruns: readonly Rerun[]): Promise<void> {
  const rest = [...reruns];
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      try {
        await executeVariant(run, next.nodeId, next.variant);
      } catch (error) {
        if (isCancellation(error)) throw error;
        log.warn('a run with another seed failed; the selection goes on without the others', { ...next, error });
        rest.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: parallelOf(run.spec) }, worker));
}

/** Null when no time is left for it. */
async function executeVariant(run: RunState, nodeId: number, variant: ScriptVariant): Promise<ExecuteResult | null> {
  if (timeLeftMs(run, Date.now()) === 0) return null;
  const time = () => ({ budgetMs: timeLeftMs(run, Date.now()), deadline: run.spec.limits.deadline ?? null });
  return executeScript(run, { nodeId, variant, time, startedBefore: run.rebuilt ? 'maybe' : 'never' });
}
