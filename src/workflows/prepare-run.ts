import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { OpenRunResult } from '../domain/steps';
import type { RunState } from './run-state';
import { runStep, saveState } from './run-step';
import { fileSteps, previewSteps, splitSteps } from './step-activities';

/**
 * Opens the run, settles how its nodes are scored, and looks at the data as scripts will see it. A run that is stopped
 * while it waits for one of these gives up waiting.
 *
 * @throws ApplicationFailure `InvalidTask` or `RunIdInUse`; nothing of the run is then touched
 * @throws CancelledFailure when the run is cancelled
 */
export async function prepareRun(run: RunState): Promise<void> {
  const { runId, spec } = run;
  const opened = await runStep(run, () => fileSteps.openRun({ runId, spec }), { evenWhenPaused: true });
  run.open(opened, Date.now());
  const scope = new CancellationScope();
  const looking = scope.run(() => lookAtData(run, opened.evaluation));
  const stopped = scope.run(() => condition(() => run.stopRequested));
  scope.run(() => keepSaved(run)).catch(() => undefined);
  try {
    await Promise.race([looking, stopped]);
    scope.cancel();
    await looking;
  } catch (error) {
    if (!isCancellation(error) || !run.stopRequested) throw error;
  }
}

/** Before the search begins, a pause would else be known to the workflow alone. */
async function keepSaved(run: RunState): Promise<never> {
  for (;;) {
    await condition(() => run.unsaved);
    await CancellationScope.nonCancellable(() => saveState(run));
  }
}

/** Rows are withheld before anything else looks at the data. */
async function lookAtData(run: RunState, evaluation: OpenRunResult['evaluation']): Promise<void> {
  const { runId } = run;
  if (evaluation !== 'reported') {
    const split = () => splitSteps.split({ runId });
    const settled = await runStep(run, split, { evenWhenPaused: true });
    run.evaluation = settled.evaluation;
    run.canRefit = settled.canRefit;
  }
  await runStep(run, () => previewSteps.preview({ runId }), { evenWhenPaused: true });
}
