import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { environmentFileSchema, type EnvironmentFile, type RunFile } from '../domain/run-files';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { readInterpreter, readPackages, type InterpreterIdentity } from './interpreter';
import { endOnOneLine } from './end-on-one-line';
import { pinnedPython } from './pinned-python';
import { provideEnvironment, requirementsHash, type EnvironmentHost } from './task-environment';

/** Oldest Python, 3.x, that scripts are run by. */
const OLDEST_MINOR = 9;

/**
 * The interpreter for a run's scripts on this host: the pinned environment's, the one that the task names, or that of
 * an environment with the task's requirements, which is made here when it is missing.
 *
 * @throws ApplicationFailure of type `EnvironmentFailed` or `DiskFull`; StoreError; the reason of `signal`
 */
export async function pythonFor(host: EnvironmentHost, run: RunFile, signal: AbortSignal): Promise<string> {
  const { requirements, python } = run.task;
  if (requirements === null && python === null) return pinnedPython(host, run);
  const base = await requireInterpreter(python ?? host.pythonPath);
  if (requirements === null) return python ?? host.pythonPath;
  const recorded = await readJson(host.store, runKeys(run.runId).environment, environmentFileSchema);
  const hash = recorded?.requirementsHash ?? (await requirementsHash(host.store, run.runId));
  return provideEnvironment(host, { runId: run.runId, file: requirements, hash, base }, signal);
}

/**
 * Makes the task's own environment and notes down what is installed there, for prompts and report; does nothing for a
 * task that uses the pinned one, or when it is noted already.
 *
 * @throws as `pythonFor`
 */
export async function recordEnvironment(host: EnvironmentHost, run: RunFile, signal: AbortSignal): Promise<void> {
  const { requirements, python } = run.task;
  const { environment } = runKeys(run.runId);
  if ((requirements === null && python === null) || (await host.store.exists(environment))) return;
  const hash = requirements === null ? null : await requirementsHash(host.store, run.runId);
  const interpreter = await pythonFor(host, run, signal);
  const file: EnvironmentFile = {
    python: (await requireInterpreter(interpreter)).version,
    packages: await readPackages(interpreter),
    requirementsHash: hash,
  };
  await writeJson(host.store, environment, file);
}

async function requireInterpreter(pythonPath: string): Promise<InterpreterIdentity> {
  const identity = await readInterpreter(pythonPath).catch((error: unknown) => {
    const message = types.isNativeError(error) ? error.message : String(error);
    throw unusable(pythonPath, `does not start as Python: ${endOnOneLine(message)}`);
  });
  const [major, minor] = identity.version.split('.').map(Number);
  if (major === 3 && minor !== undefined && minor >= OLDEST_MINOR) return identity;
  throw unusable(pythonPath, `is Python ${identity.version}, at least 3.${OLDEST_MINOR} is needed`);
}

function unusable(pythonPath: string, problem: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: `the interpreter ${pythonPath} ${problem}; correct "python" of the task, or mend it on this machine`,
    type: FailureType.EnvironmentFailed,
    nonRetryable: true,
  });
}
