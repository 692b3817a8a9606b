import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { ScriptPlace } from '../domain/steps';
import { controlDirectory } from '../sandbox/attempts';
import { endAttempt } from '../sandbox/remove-attempt';
import { readSupervision, stopScript, watchScript } from '../sandbox/supervised-script';
import type { SupervisorResult } from '../sandbox/supervisor-files';
import type { KnownAttempt } from '../sandbox/survivors';
import { isOwner, replaced } from './attempt-ownership';
import type { ExecuteStep } from './execute-step';
import { storedExecution } from './record-execution';
import type { ScriptPulse } from './script-pulse';
import { supervisorLost } from './take-attempt';

/** How often a watcher looks what others have done, in milliseconds. */
const LOOK_MS = 2000;

/**
 * Waits until the script has ended, and returns how. A cancellation that means the script ends it; any other reason to
 * stop watching leaves it to its supervisor.
 *
 * @throws ApplicationFailure `ScriptDetached` when the script was left; `AttemptReplaced` when the node belongs to a
 *   later attempt, after ending the script; `SupervisorLost`; the cancellation once the script has ended
 */
export async function watchAttempt(
  step: ExecuteStep,
  attempt: KnownAttempt,
  pulse: ScriptPulse,
): Promise<SupervisorResult> {
  const { cancellationSignal } = step.context;
  const over = new AbortController();
  const stop = (): void => over.abort(cancellationSignal.reason);
  if (cancellationSignal.aborted) stop();
  cancellationSignal.addEventListener('abort', stop);
  const looking = lookForOthers(step, attempt, over);
  try {
    const end = await watchScript(controlDirectory(attempt.directory), over.signal);
    if (!(await isOwner(step, attempt))) throw replaced(step, attempt);
    if (end.status === 'ended') return end.result;
    throw supervisorLost(step, attempt);
  } catch (error) {
    return await leave(step, attempt, pulse.place, error);
  } finally {
    cancellationSignal.removeEventListener('abort', stop);
    over.abort();
    await looking;
  }
}

/**
 * Stops watching when the node is another attempt's, or another watcher has stored the result and removed all that was
 * to be watched. A store that cannot be read for a while changes nothing.
 */
async function lookForOthers(step: ExecuteStep, attempt: KnownAttempt, over: AbortController): Promise<void> {
  while (!over.signal.aborted) {
    const owns = await isOwner(step, attempt).catch(() => true);
    if (!owns) over.abort(replaced(step, attempt));
    const stored = await storedExecution(step).catch(() => null);
    if (stored !== null) over.abort(new Error('another watcher has stored the result'));
    await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined);
  }
}

/**
 * What becomes of the script when its watcher goes, for whatever reason. Its result when it was not the watcher that
 * ended it: the end of a run's time is the limit of its last scripts, too.
 */
async function leave(
  step: ExecuteStep,
  attempt: KnownAttempt,
  place: ScriptPlace,
  reason: unknown,
): Promise<SupervisorResult> {
  const isCancelled = reason === step.context.cancellationSignal.reason;
  if (isCancelled && !(await meansTheScript(step))) throw detached(step, place);
  const result = isCancelled ? await endedScript(attempt) : null;
  if (result !== null && result.end !== 'stopped') return result;
  if (isCancelled || isFailure(reason)) await endAttempt(attempt);
  throw reason;
}

/** Ends the attempt's script and returns how it ended; null when it never started or nothing tells. */
export async function endedScript({ directory }: KnownAttempt): Promise<SupervisorResult | null> {
  const control = controlDirectory(directory);
  return (await readSupervision(control)).status === 'unstarted' ? null : stopScript(control);
}

/**
 * Whether a cancellation is meant for the script: somebody asked for it, or the server does not know the activity any
 * more, and that is because the run is over.
 */
async function meansTheScript({ context, dependencies, input }: ExecuteStep): Promise<boolean> {
  const details = context.cancellationDetails;
  if (details?.cancelRequested === true) return true;
  if (details?.notFound !== true) return false;
  const chain = await dependencies.askChain(input.runId);
  return chain === 'closed' || chain === 'unknown';
}

function isFailure(reason: unknown): reason is ApplicationFailure {
  return reason instanceof ApplicationFailure;
}

function detached({ input }: ExecuteStep, place: ScriptPlace): ApplicationFailure {
  const message = `the script of node ${input.nodeId} goes on at ${place.hostId} without this watcher`;
  const type = FailureType.ScriptDetached;
  return ApplicationFailure.create({ message, type, nonRetryable: false, details: [place] });
}
