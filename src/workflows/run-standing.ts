import type { RunSnapshot } from '../domain/steps';
import type { BestNode } from '../policy/search-tree';
import type { Progress } from './messages';
import type { RunState } from './run-state';

/** Where the run stands, for those who write its files. */
export function snapshotOf(run: RunState, now: number): RunSnapshot {
  return {
    stepsTotal: run.stepsTotal,
    extendedSteps: run.extensions.steps,
    extendedMs: run.extensions.time,
    ...run.spending.extended,
    extendedDiskBytes: run.extensions.diskBytes,
    ...run.tree.counts(),
    best: answerOf(run),
    selection: run.selection,
    usage: run.spending.usage,
    elapsedMs: run.clock.elapsedMs(now),
    wentOnAfter: run.extensions.wentOn.after,
    pruned: run.tree.pruned,
  };
}

/** Where the run stands, for those who ask the workflow. */
export function progressOf(run: RunState): Progress {
  return {
    runId: run.runId,
    state: lifeState(run),
    pause: run.pauses.current,
    steps: { done: run.stepsDone, total: run.stepsTotal },
    nodes: run.tree.counts(),
    best: answerOf(run),
    selection: run.selection,
    usage: run.spending.usage,
    hints: run.steering.hints.inForce,
    pruned: run.tree.pruned,
  };
}

/** The winner of the final selection, once there is one. */
function answerOf({ selection, tree }: RunState): BestNode | null {
  return selection === null ? tree.best : { id: selection.winner, metric: selection.searchScore };
}

function lifeState(run: RunState): Progress['state'] {
  const isPaused = run.pauses.current !== null;
  if (run.finished) return 'finished';
  if (run.selecting) return 'selecting';
  if (run.stopRequested || (run.draining && !isPaused)) return 'stopping';
  return isPaused ? 'paused' : 'running';
}
