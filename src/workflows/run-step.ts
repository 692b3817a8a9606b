import { ApplicationFailure, condition, isCancellation, log, sleep } from '@temporalio/workflow';
import type { RunState } from './run-state';
import { fileSteps } from './step-activities';
import { classifyStepFailure } from './step-failure';

/** How long a run that paused itself waits before it looks whether the cause is gone. */
const PAUSE_RETRY = '3m';

/** How long a step waits before it is dispatched again after its worker went away or the machinery failed. */
const DISPATCH_AGAIN = '1s';
const TRY_AGAIN = '5s';

export interface StepOptions {
  /** For steps that cost nothing: opening the run, looking at the data, recording what is finished. */
  readonly evenWhenPaused?: boolean;
  /** Failures of the machinery that the workflow tries again itself, where Temporal has one attempt; default 0. */
  readonly tries?: number;
  /** Called each time the worker went away under the step; may throw to give it up. */
  readonly onInterrupted?: () => void;
}

/**
 * Dispatches a step until it has a result. A worker that goes away costs nothing; machinery that stays broken pauses
 * the run, which then tries again every few minutes or when it is resumed.
 *
 * @throws ApplicationFailure when the request itself is refused (wrong task, run id in use)
 * @throws CancelledFailure when the run ends the step
 */
export async function runStep<Result>(
  run: RunState,
  dispatch: () => Promise<Result>,
  options: StepOptions = {},
): Promise<Result> {
  let triesLeft = options.tries ?? 0;
  let unpolled = false;
  for (;;) {
    if (options.evenWhenPaused !== true) await condition(() => run.pause === null);
    try {
      return await dispatch();
    } catch (error) {
      const failure = classifyStepFailure(error);
      if (failure.kind === 'cancelled') throw error;
      if (failure.kind === 'refused') throw ApplicationFailure.nonRetryable(failure.message, failure.type);
      if (failure.kind === 'interrupted') {
        options.onInterrupted?.();
        await sleep(DISPATCH_AGAIN);
        await saveState(run);
      } else if (failure.kind === 'unpolled' && !unpolled) {
        unpolled = true;
        await lookForModels(run);
      } else if (triesLeft > 0) {
        triesLeft -= 1;
        await sleep(TRY_AGAIN);
      } else {
        if (run.ending) throw error;
        run.pauseFor(failure.pause, Date.now());
        await untilMended(run);
      }
    }
  }
}

/** Writes `state.json` and learns how long the server was down; the run goes on when neither works. */
export async function saveState(run: RunState): Promise<void> {
  run.unsaved = false;
  if (!run.opened) return;
  try {
    const { serverDownMs } = await fileSteps.saveState({
      runId: run.runId,
      pause: run.pause,
      snapshot: run.snapshot(Date.now()),
    });
    run.clock.learnServerDown(serverDownMs, Date.now());
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the state of the run could not be written', { error });
  }
}

async function untilMended(run: RunState): Promise<void> {
  const pause = run.pause;
  await condition(() => run.pause !== pause || run.ending, PAUSE_RETRY);
  if (run.pause === pause && pause?.reason !== 'person') run.resume(Date.now());
  if (pause?.reason.startsWith('model_') === true && !run.ending) await lookForModels(run);
}

/** A person may have corrected the address of the models meanwhile, and with it the queue of their calls. */
async function lookForModels(run: RunState): Promise<void> {
  try {
    run.modelEndpoint = (await fileSteps.checkModels({ runId: run.runId })).modelEndpoint;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('the models could not be looked at', { error });
  }
}
