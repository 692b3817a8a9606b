import type { ProcessFile } from '../domain/node-record';
import type { AttemptFile } from '../sandbox/attempt-file';
import { claimAttempt, newToken, type Attempt } from '../sandbox/attempts';
import { inputSource } from '../sandbox/input-source';
import { placeScript, type ScriptPlan } from '../sandbox/place-script';
import { requirePython } from '../sandbox/python-check';
import { endAttempt } from '../sandbox/remove-attempt';
import { seedOf } from '../sandbox/script-environment';
import { scriptTime } from '../sandbox/script-limit';
import { endAttempts, type KnownAttempt } from '../sandbox/survivors';
import { takeOwnership } from './attempt-ownership';
import type { ExecuteStep } from './execute-step';

/**
 * Makes a fresh attempt ready to be started, after ending what earlier ones left on this host. The node belongs to it
 * from then on.
 *
 * @param owner the node's stored `process.json`
 * @throws ApplicationFailure `DiskFull` or `DiskLimit` when there is no room for it; what {@link placeScript} throws
 */
export async function makeAttempt(step: ExecuteStep, owner: ProcessFile | null): Promise<KnownAttempt> {
  const { dependencies, host, script, keys } = step;
  await requireRoom(step);
  await requirePython(dependencies.pythonPath);
  const attempt = await claimAttempt(dependencies.home, script, owner?.attempt ?? 0);
  try {
    await endAttempts(host, script, owner, attempt.directory);
    // A killed attempt may have stored some, which nothing would take away if this attempt makes none.
    for (const key of [keys.submission, keys.predictions, keys.outputs]) await dependencies.store.remove(key);
    const known = { ...attempt, script, file: await fill(step, attempt) };
    step.context.cancellationSignal.throwIfAborted();
    await takeOwnership(step, known);
    return known;
  } catch (error) {
    await endAttempt(attempt).catch(() => undefined);
    throw error;
  }
}

/** The further runs of the final selection need little, and a run that has reached its cap is to end well. */
async function requireRoom({ dependencies, script, run, input }: ExecuteStep): Promise<void> {
  await dependencies.disk.requireFree();
  if (script.variant !== 'node') return;
  await dependencies.disk.requireBelow(script.runId, run.request.limits.runDisk, input.extendedDiskBytes);
}

function fill(step: ExecuteStep, { directory }: Attempt): Promise<AttemptFile> {
  const { dependencies, run, script, context } = step;
  const plan: ScriptPlan = {
    run,
    directory,
    token: newToken(dependencies.home, script),
    solution: step.solution,
    source: inputSource(run, step.evaluation, script.variant),
    program: (pythonPath) => [pythonPath, 'solution.py'],
    readOnly: ['solution.py'],
    time: () => scriptTime(step.input, context.info.currentAttemptScheduledTimestampMs, Date.now()),
    seed: seedOf(script.variant),
  };
  return placeScript(dependencies, plan, context.cancellationSignal);
}
