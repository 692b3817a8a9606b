import { CancellationScope, allHandlersFinished, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import { isBetter } from '../domain/direction';
import type { StopReason } from '../domain/run-files';
import { parallelOf } from '../domain/run-spec';
import { decideGreedily } from '../policy/greedy';
import { randomStream } from '../policy/random-stream';
import { runNode } from './run-node';
import type { CarriedState, RunState } from './run-state';
import { saveState } from './run-step';

/**
 * The search itself: keeps every free slot at work until something ends the run. Slots are independent of each
 * other; each decision sees the tree with what is in flight.
 *
 * @param continueWith starts the next run of the chain; called when the history has grown enough and nothing is in flight
 */
export async function search(
  run: RunState,
  continueWith: (carried: CarriedState) => Promise<never>,
): Promise<StopReason> {
  const scope = new CancellationScope();
  const flights = new Flights(run, scope);
  for (const node of run.tree.all()) {
    if (node.status === 'in_flight') flights.start(node.id);
  }
  const timeWatch = scope.run(() => watchTime(run));
  timeWatch.catch(() => undefined);
  try {
    for (;;) {
      await condition(() => run.unsaved || flights.defect !== null || nextMove(run, flights.count) !== 'wait');
      if (flights.defect !== null) throw flights.defect.error;
      if (run.unsaved) await saveState(run);
      const move = nextMove(run, flights.count);
      if (move === 'dispatch') {
        flights.start(decideNode(run));
      } else if (move === 'continue-as-new') {
        await condition(allHandlersFinished);
        await continueWith(run.carried(Date.now()));
      } else if (move !== 'wait') {
        return move.stop;
      }
    }
  } finally {
    run.ending = true;
    scope.cancel();
    await flights.settled();
  }
}

type Move = 'wait' | 'dispatch' | 'continue-as-new' | { readonly stop: StopReason };

function nextMove(run: RunState, inFlight: number): Move {
  const stop = stopReason(run, inFlight);
  if (stop !== null) return { stop };
  const info = workflowInfo();
  const draining = info.historyLength >= run.drainAt.events || info.historySize >= run.drainAt.bytes;
  if ((draining || info.continueAsNewSuggested) && inFlight === 0) return 'continue-as-new';
  return !draining && mayDispatch(run, inFlight) ? 'dispatch' : 'wait';
}

function mayDispatch(run: RunState, inFlight: number): boolean {
  return (
    run.pause === null &&
    !run.publishing &&
    inFlight < parallelOf(run.spec) &&
    run.stepsDone + inFlight < run.stepsTotal &&
    run.timeLeftMs(Date.now()) !== 0
  );
}

function stopReason(run: RunState, inFlight: number): StopReason | null {
  const { target, patience } = run.spec;
  const best = run.tree.best;
  if (run.stopRequested) return 'stopped';
  if (target !== undefined && best !== null && !isBetter(target, best.metric, run.tree.direction)) return 'target';
  if (inFlight === 0 && run.stepsDone >= run.stepsTotal) return 'steps';
  if (patience !== undefined && run.completions - run.bestCompletion >= patience) return 'patience';
  return run.timeUp ? 'time' : null;
}

/** The deterministic step: the policy decides from the tree and the decision's own random stream. */
function decideNode(run: RunState): number {
  const id = run.tree.nextId();
  const decision = decideGreedily(run.tree, randomStream(run.seed, id), run.spec.policy);
  run.tree.dispatch(id, decision.operator, decision.parent);
  return id;
}

/** The nodes that are being worked on. */
class Flights {
  /** An error that no step may throw: a defect of the workflow, which its next deployment has to mend. */
  defect: { readonly error: unknown } | null = null;
  private readonly running = new Map<number, Promise<void>>();

  constructor(
    private readonly run: RunState,
    private readonly scope: CancellationScope,
  ) {}

  get count(): number {
    return this.running.size;
  }

  start(id: number): void {
    const flight = this.scope
      .run(() => runNode(this.run, id))
      .catch((error: unknown) => {
        if (!isCancellation(error) && !this.run.ending) this.defect = { error };
      })
      .finally(() => this.running.delete(id));
    this.running.set(id, flight);
  }

  async settled(): Promise<void> {
    await CancellationScope.nonCancellable(() => Promise.all(this.running.values()));
  }
}

/**
 * Notices that the working time or the deadline is over. Before it says so it learns how long the server was down,
 * since that time does not count.
 */
async function watchTime(run: RunState): Promise<void> {
  while (!run.timeUp) {
    const pause = run.pause;
    const left = run.timeLeftMs(Date.now());
    if (left === 0) {
      await saveState(run);
      run.timeUp = run.timeLeftMs(Date.now()) === 0;
      continue;
    }
    const total = run.snapshot(0).extendedMs;
    const changed = (): boolean => run.pause !== pause || run.snapshot(0).extendedMs !== total;
    if (left === null) await condition(changed);
    else await condition(changed, left);
  }
}
