import { CancellationScope, allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { StopReason } from '../domain/run-files';
import { parallelOf } from '../domain/run-spec';
import type { DueDigest } from '../policy/digest-plan';
import { decideGreedily } from '../policy/greedy';
import { randomStream } from '../policy/random-stream';
import { DigestFlight } from './digest-flight';
import { Flights } from './flights';
import type { CarriedState } from './carried-state';
import type { RunState } from './run-state';
import { saveState } from './run-step';
import { reserveMs, searchTimeLeftMs, totalMs } from './time-limits';

/** How a run of the chain ends: the search is over, or the next run goes on with this state. */
export type SearchEnd =
  { readonly kind: 'over'; readonly reason: StopReason } | { readonly kind: 'continues'; readonly state: CarriedState };

/**
 * The search itself: keeps every free slot at work until something ends the run. Slots are independent of each
 * other; each decision sees the tree with what is in flight. Scripts that are under way when the history has grown
 * enough run on while the workflow continues as new.
 */
export async function search(run: RunState): Promise<SearchEnd> {
  const flights = new Flights(run);
  const digest = new DigestFlight(run);
  startLeftOver(run, flights);
  const timeScope = new CancellationScope();
  const timeWatch = timeScope.run(() => watchTime(run));
  timeWatch.catch(() => undefined);
  let end: SearchEnd | null = null;
  try {
    end = await keepBusy(run, flights, digest);
    return end;
  } finally {
    if (end?.kind !== 'continues') {
      run.ending = true;
      timeScope.cancel();
      await Promise.all([flights.end(), digest.end()]);
    }
  }
}

/** What is in flight already: scripts of the chain's previous run, or nodes of a run that was rebuilt from its files. */
function startLeftOver(run: RunState, flights: Flights): void {
  const left = new Map(run.leftRunning.map((script) => [script.id, script]));
  for (const node of run.tree.all()) {
    if (node.status === 'in_flight' && !run.steering.isArrived(node.id))
      flights.start(node.id, left.get(node.id) ?? 'maybe');
  }
}

async function keepBusy(run: RunState, flights: Flights, digest: DigestFlight): Promise<SearchEnd> {
  for (;;) {
    await condition(() => run.unsaved || flights.defect !== null || nextMove(run, flights, digest).kind !== 'wait');
    if (flights.defect !== null) throw flights.defect.error;
    if (run.unsaved) await saveState(run);
    const move = nextMove(run, flights, digest);
    switch (move.kind) {
      case 'wait':
        break;
      case 'dispatch':
        flights.start(decideNode(run), 'never');
        break;
      case 'begin':
        run.steering.begin(move.node);
        flights.start(move.node, 'never');
        break;
      case 'digest':
        digest.start(move.due);
        break;
      case 'continue-as-new':
        await settled();
        if (nextMove(run, flights, digest).kind === 'continue-as-new') {
          return { kind: 'continues', state: run.carried(Date.now()) };
        }
        break;
      case 'stop':
        return { kind: 'over', reason: move.reason };
    }
  }
}

/**
 * Lets what this activation brought go as far as it comes: a script whose end came with it may not have got beyond it
 * yet. A condition that does not hold at once is asked again only when nothing else is left to do.
 */
async function settled(): Promise<void> {
  let asked = 0;
  await condition(() => (asked += 1) > 1);
}

type Move =
  | { readonly kind: 'wait' | 'dispatch' | 'continue-as-new' }
  | { readonly kind: 'begin'; readonly node: number }
  | { readonly kind: 'digest'; readonly due: DueDigest }
  | { readonly kind: 'stop'; readonly reason: StopReason };

function nextMove(run: RunState, flights: Flights, digest: DigestFlight): Move {
  const reason = stopReason(run, flights, digest);
  if (reason !== null) return { kind: 'stop', reason };
  const arrived = run.steering.nextArrived;
  if (arrived !== null) return { kind: 'begin', node: arrived };
  if (historyIsLong(run)) return { kind: mayContinueAsNew(run, flights, digest) ? 'continue-as-new' : 'wait' };
  const due = digest.due(flights.count);
  if (due !== null) return { kind: 'digest', due };
  return { kind: mayDispatch(run, flights.count) ? 'dispatch' : 'wait' };
}

function historyIsLong(run: RunState): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  return continueAsNewSuggested || historyLength >= run.drainAt.events || historySize >= run.drainAt.bytes;
}

/** Model calls, grading and writes are always waited for: the next run would not know of them. */
function mayContinueAsNew(run: RunState, flights: Flights, digest: DigestFlight): boolean {
  return (
    flights.onlyScripts &&
    !digest.isUnderWay &&
    !run.publishing &&
    run.saving === 0 &&
    !run.notifying &&
    allHandlersFinished()
  );
}

function mayDispatch(run: RunState, inFlight: number): boolean {
  return (
    run.pauses.current === null &&
    !run.draining &&
    !run.publishing &&
    run.spending.reachedCap === null &&
    inFlight - beyondSlots(run) < parallelOf(run.spec) &&
    run.stepsDone + inFlight < run.stepsTotal &&
    searchTimeLeftMs(run, Date.now()) !== 0
  );
}

/** What a person brings in flies beside the search and takes no place from it. */
function beyondSlots({ tree, replayed }: RunState): number {
  return replayed === null ? tree.injected.inFlight : 0;
}

function stopReason(run: RunState, flights: Flights, digest: DigestFlight): StopReason | null {
  if (run.stopRequested) return 'stopped';
  // A digest that is being written is paid for, and the report may use it.
  const isIdle = flights.busy === 0 && !digest.isUnderWay;
  // What is under way is to be seen through: only the end of the time cuts it short.
  if (run.draining) return isIdle ? 'stopped' : run.timeUp ? 'time' : null;
  if (isGoodEnough(run)) return 'target';
  if (isIdle && flights.count === 0 && run.stepsDone >= run.stepsTotal) return 'steps';
  if (isIdle && run.spending.reachedCap !== null) return run.spending.reachedCap;
  if (isWithoutProgress(run)) return 'patience';
  return run.timeUp ? 'time' : null;
}

/** Target and patience are for a search; a replay runs all there is. */
function isGoodEnough({ hasReachedTarget, replayed }: RunState): boolean {
  return replayed === null && hasReachedTarget;
}

function isWithoutProgress({ spec: { patience }, withoutProgress, replayed }: RunState): boolean {
  return patience !== undefined && replayed === null && withoutProgress >= patience;
}

/** The deterministic step: the policy decides from the tree and the decision's own random stream, or a record does. */
function decideNode(run: RunState): number {
  const recorded = run.replayed?.next(run.tree);
  if (recorded) {
    run.tree.place(recorded);
    return recorded.id;
  }
  const id = run.tree.nextId();
  const decision = decideGreedily(run.tree, randomStream(run.seed, id), run.spec.policy);
  run.tree.dispatch(id, decision.operator, decision.parent);
  return id;
}

/**
 * Notices that the time of the search is over: the working time or what is left until the deadline, less what is kept
 * back for the final selection. Before it says so it learns how long the server was down, since that does not count.
 */
async function watchTime(run: RunState): Promise<void> {
  while (!run.timeUp) {
    const pause = run.pauses.current;
    const left = searchTimeLeftMs(run, Date.now());
    if (left === 0) {
      await saveState(run);
      run.timeUp = searchTimeLeftMs(run, Date.now()) === 0;
      continue;
    }
    const [total, reserve] = [totalMs(run), reserveMs(run)];
    const changed = (): boolean => run.pauses.current !== pause || totalMs(run) !== total || reserveMs(run) !== reserve;
    if (left === null) await condition(changed);
    else await condition(changed, left);
  }
}
