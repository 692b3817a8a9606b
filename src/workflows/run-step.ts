import { ApplicationFailure, condition, isCancellation, log, sleep } from '@temporalio/workflow';
import type { Pause } from '../domain/run-files';
import { snapshotOf } from './run-standing';
import type { RunState } from './run-state';
import { fileSteps } from './step-activities';
import { classifyStepFailure, isAboutModels } from './step-failure';

/** How long a run that paused itself waits before it looks whether the cause is gone. */
const PAUSE_RETRY = '3m';

/** How long a step waits before it is dispatched again after its worker went away or the machinery failed. */
export const DISPATCH_AGAIN = '1s';
export const TRY_AGAIN = '5s';

/** Only steps for the grade worker give up waiting for one; models have their own word for it. */
const NO_GRADE_WORKER: Pause = {
  reason: 'no_grade_worker',
  message: 'no worker grades; start one with `coppice worker --role grade`, or with `coppice worker` for every role',
};

export interface StepOptions {
  /** For steps that cost nothing: opening the run, looking at the data, recording what is finished. */
  readonly evenWhenPaused?: boolean;
}

/**
 * Dispatches a step until it has a result. A worker that goes away costs nothing; machinery that stays broken pauses
 * the run, which then tries again every few minutes or when it is resumed.
 *
 * @throws ApplicationFailure when the request itself is refused (wrong task, run id in use)
 * @throws CancelledFailure when the run ends the step
 * @throws the step's own failure when the machinery fails in a run whose search is over
 */
export async function runStep<Result>(
  run: RunState,
  dispatch: () => Promise<Result>,
  options: StepOptions = {},
): Promise<Result> {
  const { evenWhenPaused = false } = options;
  let unpolled = false;
  for (;;) {
    if (!evenWhenPaused) await mayGoOn(run);
    try {
      return await dispatch();
    } catch (error) {
      const failure = classifyStepFailure(error);
      if (failure.kind === 'cancelled') throw error;
      if (failure.kind === 'refused') throw ApplicationFailure.nonRetryable(failure.message, failure.type);
      if (failure.kind === 'interrupted') {
        await sleep(DISPATCH_AGAIN);
        await saveState(run);
      } else if (failure.kind === 'unpolled' && !unpolled) {
        // A machine that was off looks the same, so the step is dispatched once more.
        unpolled = true;
      } else {
        await pauseUntilMended(run, failure.kind === 'machinery' ? failure.pause : NO_GRADE_WORKER, error);
      }
    }
  }
}

/** Waits while the run is paused; the steps after its search do not. */
export async function mayGoOn(run: RunState): Promise<void> {
  await condition(() => run.pauses.current === null || run.ending);
}

/**
 * Pauses the run until its cause may be gone: some minutes later, or when a person resumes it.
 *
 * @throws the failure itself when the search is over: the end of a run waits for nothing
 */
export async function pauseUntilMended(run: RunState, pause: Pause, error: unknown): Promise<void> {
  if (run.ending) throw error;
  run.pauseFor(pause, Date.now());
  const current = run.pauses.current;
  await condition(() => run.pauses.current !== current || run.ending, PAUSE_RETRY);
  if (run.pauses.current === current && !run.pauses.waitsForPerson) run.resume(Date.now());
  if (!isAboutModels(pause)) return;
  run.models.forgive();
  await lookForModels(run);
}

/**
 * Writes `state.json` and learns how long the server was down; the run goes on when neither works.
 *
 * @param relink whether the link to the best is to follow; only while nothing is being recorded
 */
export async function saveState(run: RunState, relink = false): Promise<void> {
  run.unsaved = false;
  if (!run.opened) return;
  run.saving += 1;
  try {
    const { serverDownMs } = await fileSteps.saveState({
      runId: run.runId,
      pause: run.pauses.current,
      relink,
      snapshot: snapshotOf(run, Date.now()),
    });
    run.clock.learnServerDown(serverDownMs, Date.now());
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the state of the run could not be written', { error });
  } finally {
    run.saving -= 1;
  }
}

/** A person may have corrected the address of the models meanwhile, and with it the queue of their calls. */
export async function lookForModels(run: RunState): Promise<void> {
  try {
    run.models.update((await fileSteps.checkModels({ runId: run.runId })).modelRoutes);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the models could not be looked at', { error });
  }
}
