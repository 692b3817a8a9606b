import { Context } from '@temporalio/activity';
import type { ExecutionFile } from '../domain/node-record';
import type { ExecuteInput, ExecuteResult } from '../domain/steps';
import { EXECUTE_TASK_QUEUE } from '../domain/task-queues';
import { controlDirectory } from '../sandbox/attempts';
import { endAttempt } from '../sandbox/remove-attempt';
import { readSupervision, startSupervisor } from '../sandbox/supervised-script';
import type { KnownAttempt } from '../sandbox/survivors';
import { StoreError, errorCode, toStoreFailure } from '../store/store-error';
import { openStep, type ExecuteDependencies, type ExecuteStep } from './execute-step';
import { recordExecution, storedExecution } from './record-execution';
import { requireSameData } from './require-same-data';
import { ScriptPulse } from './script-pulse';
import { reuseExecution, toExecuteResult } from './stored-execution';
import { takeAttempt } from './take-attempt';
import { endedScript, watchAttempt } from './watch-attempt';

/**
 * Makes the `execute` activity: has a node's stored script run once under its supervisor, watches it and stores how it
 * ended, `execution.json` last. What is stored for the same code is reused, and a script that runs already is taken
 * over. A script's failure is a value.
 *
 * @throws ApplicationFailure of type `DiskFull`, `DiskLimit`, `StoreUnavailable`, `PythonUnavailable`, `EnvironmentFailed`,
 *   `IsolationUnavailable` or `DataChanged`; `SupervisorLost` when the supervisor was killed; `ScriptDetached` when this worker goes and the script stays; the
 *   cancellation, once the script has ended, when somebody asked for it
 */
export function createExecute(dependencies: ExecuteDependencies): (input: ExecuteInput) => Promise<ExecuteResult> {
  return async (input) => {
    const context = Context.current();
    const pulse = new ScriptPulse(context, dependencies.hostId, input.nodeId, dependencies.redactor);
    try {
      return await execute(await openStep(dependencies, input, context), pulse);
    } catch (error) {
      throw error instanceof StoreError || errorCode(error) !== null ? toStoreFailure(error) : error;
    } finally {
      pulse.stop();
    }
  };
}

async function execute(step: ExecuteStep, pulse: ScriptPulse): Promise<ExecuteResult> {
  const stored = await reuseExecution(step.dependencies.store, step.script, step.codeHash);
  if (stored !== null) return toExecuteResult(stored);
  const attempt = await takeAttempt(step);
  if (attempt === null) return { status: 'gone' };
  if (step.input.ends === true) return endHere(step, attempt);
  const hasPermit = step.context.info.taskQueue === EXECUTE_TASK_QUEUE;
  return step.dependencies.watched.during(attempt.file.token, hasPermit, async () => {
    const control = controlDirectory(attempt.directory);
    if ((await readSupervision(control)).status === 'unstarted') {
      await startSupervisor(step.dependencies.pythonPath, control);
    }
    await pulse.follow(control);
    const execution = await seeThrough(step, attempt, pulse);
    await requireSameData(step);
    return toExecuteResult(execution);
  });
}

/** What a pause interrupts: a script that had come to its end by itself keeps its result. */
async function endHere(step: ExecuteStep, attempt: KnownAttempt): Promise<ExecuteResult> {
  const result = await endedScript(attempt);
  if (result !== null && result.end !== 'stopped') {
    return toExecuteResult(await recordExecution(step, attempt, result));
  }
  await endAttempt(attempt);
  return { status: 'gone' };
}

/** Another watcher of the same script may have stored its result, and removed what this one was watching. */
async function seeThrough(step: ExecuteStep, attempt: KnownAttempt, pulse: ScriptPulse): Promise<ExecutionFile> {
  try {
    const result = await watchAttempt(step, attempt, pulse);
    return await recordExecution(step, attempt, result);
  } catch (error) {
    const stored = await storedExecution(step).catch(() => null);
    if (stored !== null) return stored;
    throw error;
  }
}
