import { CancellationScope, condition, isCancellation, log, sleep } from '@temporalio/workflow';
import type { ScriptVariant } from '../domain/script-variant';
import type { ExecuteResult } from '../domain/steps';
import type { ExecutingNode } from './carried-state';
import type { RunState } from './run-state';
import { DISPATCH_AGAIN, TRY_AGAIN, mayGoOn, pauseUntilMended, runStep, saveState } from './run-step';
import { executeSteps, fileSteps } from './step-activities';
import { classifyStepFailure } from './step-failure';

/** A script that takes its worker down every time is ended for good; everything else goes on long before that. */
const MOST_BEGINS = 20;

/** A script whose supervisor is killed twice is taken for the one that kills it. */
const MOST_SUPERVISORS_LOST = 2;

/** Tries of a script's run when the machinery under it fails, before the run pauses. */
const EXECUTE_TRIES = 2;

/** A worker that is told that its script goes on elsewhere stops preparing it within this time. */
const SECOND_LOOK = '3s';

/** How a script's run ended. */
export type ScriptEnd = Exclude<ExecuteResult, { readonly status: 'gone' }> | GivenUp;

/** It never came to an end, so nothing is stored of it. */
interface GivenUp {
  readonly status: 'failed';
  readonly reason: 'killed';
  readonly givenUp: true;
}

/** Which run of which script, and what became of it so far. */
export interface ScriptRun {
  readonly nodeId: number;
  readonly variant: ScriptVariant;
  /** Longest time for the script and when it has to be over, as they are at the moment of a dispatch. */
  readonly time: () => { readonly budgetMs: number | null; readonly deadline: string | null };
  /**
   * - `never`: this is its first dispatch
   * - `maybe`: the run was rebuilt from its files
   * - state of a script that the previous run of the chain left running
   */
  readonly startedBefore: 'never' | 'maybe' | ExecutingNode;
}

/** What a dispatch came to: `paused` when `pause --now` has ended the script, or kept it from its beginning. */
type Dispatched = ExecuteResult | { readonly status: 'paused' };

/** Where the script is dispatched next, and what became of it so far. */
interface Attempt {
  readonly place: Place;
  readonly begins: number;
  readonly supervisorsLost: number;
  readonly triesLeft: number;
}

/** `ends`: whatever that host still has of the script is to end there, since a pause interrupted it. */
type Place = { readonly place: 'anywhere' } | { readonly place: 'here'; readonly hostId: string; readonly ends?: true };

const ANYWHERE: Place = { place: 'anywhere' };

/**
 * Runs a script to its end, whatever becomes of its workers. A watcher that goes away is replaced on the script's own
 * host, as often as it takes; only when that host does not answer, or has lost the script, does it begin anew.
 *
 * @throws CancelledFailure when the run ends the script
 * @throws the failure itself when the machinery fails in a run whose search is over
 */
export async function executeScript(run: RunState, script: ScriptRun): Promise<ScriptEnd> {
  let attempt = await firstAttempt(run, script);
  while (!isHopeless(attempt)) {
    try {
      const result = await underWay(run, script, attempt, dispatch);
      if (result.status === 'paused') attempt = interrupted(attempt);
      else if (result.status === 'gone') attempt = endsThere(attempt) ? again(attempt) : anew(attempt);
      else return result;
    } catch (error) {
      attempt = await afterFailure(run, script, attempt, error);
    }
  }
  return { status: 'failed', reason: 'killed', givenUp: true };
}

async function firstAttempt(run: RunState, script: ScriptRun): Promise<Attempt> {
  const { startedBefore } = script;
  const fresh = { begins: 1, supervisorsLost: 0, triesLeft: EXECUTE_TRIES };
  if (startedBefore === 'never') return { ...fresh, place: ANYWHERE };
  if (startedBefore === 'maybe') return { ...fresh, place: await locate(run, script) };
  const { begins, supervisorsLost } = startedBefore;
  const known = { begins, supervisorsLost, triesLeft: EXECUTE_TRIES };
  const found = await locate(run, script);
  if (found.place === 'here') return { ...known, place: found };
  await sleep(SECOND_LOOK);
  return { ...known, place: await locate(run, script) };
}

function isHopeless({ begins, supervisorsLost }: Attempt): boolean {
  return begins > MOST_BEGINS || supervisorsLost >= MOST_SUPERVISORS_LOST;
}

function anew(attempt: Attempt): Attempt {
  return { ...attempt, place: ANYWHERE, begins: attempt.begins + 1 };
}

/** Like {@link anew}, but what a person interrupted does not count. */
function again(attempt: Attempt): Attempt {
  return { ...attempt, place: ANYWHERE };
}

/** A host that had not taken its script up again when the pause came may still be running it. */
function interrupted(attempt: Attempt): Attempt {
  const { place } = attempt;
  return place.place === 'here' ? { ...attempt, place: { ...place, ends: true } } : again(attempt);
}

function endsThere({ place }: Attempt): boolean {
  return place.place === 'here' && place.ends === true;
}

async function afterFailure(run: RunState, script: ScriptRun, attempt: Attempt, error: unknown): Promise<Attempt> {
  const failure = classifyStepFailure(error);
  switch (failure.kind) {
    case 'interrupted':
      return takeOver(run, script, attempt, failure.hostId);
    case 'supervisor_lost':
      return anew({ ...attempt, supervisorsLost: attempt.supervisorsLost + 1 });
    case 'unpolled':
      // Only a host's own queue gives up that soon; another one is for the caller to judge.
      if (attempt.place.place === 'anywhere') throw error;
      log.warn('the host of a script does not answer; it begins anew elsewhere', { ...attempt.place });
      return anew(attempt);
    case 'machinery':
      if (attempt.triesLeft === 0 || failure.pause.reason === 'data_changed') {
        await pauseUntilMended(run, failure.pause, error);
        return attempt;
      }
      await sleep(TRY_AGAIN);
      return { ...attempt, triesLeft: attempt.triesLeft - 1 };
    case 'cancelled':
    case 'refused':
      throw error;
  }
}

/** The script runs on without its watcher: the next one goes to its host. */
async function takeOver(run: RunState, script: ScriptRun, attempt: Attempt, hostId: string | null): Promise<Attempt> {
  await underWay(run, script, attempt, () => sleep(DISPATCH_AGAIN));
  await saveState(run);
  const place: Place = hostId === null ? await locate(run, script) : { place: 'here', hostId };
  return place.place === 'here' ? { ...attempt, place } : anew(attempt);
}

async function locate(run: RunState, { nodeId, variant }: ScriptRun): Promise<Place> {
  const { hostId } = await runStep(run, () => fileSteps.locate({ runId: run.runId, nodeId, variant }), {
    evenWhenPaused: true,
  });
  return hostId === null ? ANYWHERE : { place: 'here', hostId };
}

async function dispatch(run: RunState, script: ScriptRun, attempt: Attempt): Promise<Dispatched> {
  const { place } = attempt;
  if (place.place === 'here' && run.pauses.endsScripts && !endsThere(attempt)) return { status: 'paused' };
  if (endsThere(attempt)) return execute(run, script, attempt);
  // What runs already is watched during a pause, too.
  if (place.place === 'anywhere') await mayGoOn(run);
  return unlessPausedNow(run, () => execute(run, script, attempt));
}

function execute(run: RunState, script: ScriptRun, attempt: Attempt): Promise<ExecuteResult> {
  const { place } = attempt;
  const { nodeId, variant } = script;
  const limitMs = run.spec.limits.script * 1000;
  const queue = place.place === 'here' ? place : { ...place, patient: variant === 'node' };
  return executeSteps(limitMs, queue).execute({
    runId: run.runId,
    nodeId,
    variant,
    place: place.place,
    ...(endsThere(attempt) ? { ends: true } : {}),
    limitMs,
    needsMetric: run.evaluation === 'reported' && variant !== 'refit',
    extendedDiskBytes: run.extensions.diskBytes,
    ...script.time(),
  });
}

/**
 * Ends the script when a person pauses the run with `--now`. One that comes to its end by itself meanwhile keeps its
 * result.
 */
async function unlessPausedNow(run: RunState, step: () => Promise<ExecuteResult>): Promise<Dispatched> {
  const scope = new CancellationScope();
  const waiting = new CancellationScope();
  const ending = waiting.run(async () => {
    await condition(() => run.pauses.endsScripts);
    scope.cancel();
  });
  ending.catch(() => undefined);
  try {
    return await scope.run(step);
  } catch (error) {
    const isByPause = scope.consideredCancelled && !CancellationScope.current().consideredCancelled;
    if (isByPause && isCancellation(error)) return { status: 'paused' };
    throw error;
  } finally {
    waiting.cancel();
  }
}

/** While `step` lasts, nothing of the node is lost when the workflow continues as new: its script can be found again. */
async function underWay<Result>(
  run: RunState,
  script: ScriptRun,
  attempt: Attempt,
  step: (run: RunState, script: ScriptRun, attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const { nodeId: id, variant } = script;
  if (variant !== 'node') return step(run, script, attempt);
  const { begins, supervisorsLost } = attempt;
  run.scripts.set(id, { id, begins, supervisorsLost });
  try {
    return await step(run, script, attempt);
  } finally {
    run.scripts.delete(id);
  }
}
