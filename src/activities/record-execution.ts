import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { executionFileSchema, type ExecutionFile } from '../domain/node-record';
import { controlDirectory, liveOutputPath, removeTree } from '../sandbox/attempts';
import { SUBMISSION_FILE } from '../sandbox/check-submission';
import { saysDiskFull } from '../sandbox/classify-exit';
import { wasEntered as wasSandboxEntered } from '../sandbox/isolation/entry';
import { scriptExit } from '../sandbox/isolation/script-exit';
import { isolationUnavailable } from '../sandbox/isolation/unavailable';
import { isDiskFullAt, judgeAttempt, type Judgement } from '../sandbox/judge-attempt';
import { oneAtATime } from '../sandbox/one-at-a-time';
import { keepAttempt, keptAttemptDirectory } from '../sandbox/kept-attempts';
import { requirePython } from '../sandbox/python-check';
import { endAttempt } from '../sandbox/remove-attempt';
import { storeOutputs } from '../sandbox/store-outputs';
import type { SupervisorResult } from '../sandbox/supervisor-files';
import type { KnownAttempt } from '../sandbox/survivors';
import { readJson, writeJson } from '../store/json-file';
import type { ExecuteStep } from './execute-step';

/**
 * Judges a script that has ended, stores what is kept of it, `execution.json` last, and removes its directory, or in runs
 * that keep those puts it aside.
 *
 * @throws ApplicationFailure `DiskFull` when the disk is full without the script's files; `PythonUnavailable` or
 *   `IsolationUnavailable` when the script could not be started
 */
export async function recordExecution(
  step: ExecuteStep,
  attempt: KnownAttempt,
  result: SupervisorResult,
): Promise<ExecutionFile> {
  // Whoever is first removes what another watcher of the same script would judge.
  return oneAtATime(
    attempt.directory,
    async () => (await storedExecution(step)) ?? (await judgeAndStore(step, attempt, result)),
  );
}

async function judgeAndStore(
  step: ExecuteStep,
  attempt: KnownAttempt,
  result: SupervisorResult,
): Promise<ExecutionFile> {
  await requireStarted(step, attempt, result);
  const end = withoutSecrets(step, { ...result, ...scriptExit(attempt.file.isolation, result) });
  const judgement = await judge(step, attempt, end);
  if (judgement.status === 'failed' && saysDiskFull(end)) await requireRoom(step, attempt, judgement.message);
  const kept = await storeFiles(step, attempt, judgement);
  const execution = executionFile(step, attempt, end, kept);
  await writeJson(step.dependencies.store, step.keys.execution, execution);
  if (execution.keptAt !== undefined) await keepAttempt(attempt.directory, execution.keptAt);
  await endAttempt(attempt);
  return execution;
}

/** Messages quote parts of the output, cut at some length: a part of a secret would not be known for one. */
function withoutSecrets({ dependencies }: ExecuteStep, result: SupervisorResult): SupervisorResult {
  const { redactor } = dependencies;
  return { ...result, tail: redactor.redact(result.tail), message: redactor.redact(result.message) };
}

/** Stores what is kept of the script; what it made cannot be kept when there is too much of it. */
async function storeFiles(step: ExecuteStep, attempt: KnownAttempt, judgement: Judgement): Promise<Judgement> {
  const { keys, dependencies, run } = step;
  const { store } = dependencies;
  await store.writeFile(keys.output, liveOutputPath(attempt.directory));
  if (judgement.status !== 'ok') return judgement;
  const place = { store, key: keys.outputs, directory: attempt.directory };
  const problem = await storeOutputs(place, run.task.outputs);
  if (problem !== null) return { status: 'failed', reason: 'bad_submission', message: problem };
  if (judgement.submissionHash === null) return judgement;
  // In `holdout` this has withheld rows among the others; the grade step takes them out.
  const key = isWithheld(step) ? keys.predictions : keys.submission;
  await store.writeFile(key, path.join(attempt.directory, SUBMISSION_FILE));
  return judgement;
}

/** What is stored for this very code. */
export async function storedExecution({ dependencies, keys, codeHash }: ExecuteStep): Promise<ExecutionFile | null> {
  const stored = await readJson(dependencies.store, keys.execution, executionFileSchema);
  return stored?.codeHash === codeHash ? stored : null;
}

async function judge(step: ExecuteStep, attempt: KnownAttempt, result: SupervisorResult): Promise<Judgement> {
  const { sample, id } = step.run.task;
  return judgeAttempt(
    {
      directory: attempt.directory,
      inputDirectory: attempt.file.inputDirectory,
      sample,
      idColumn: id,
      quotes: step.run.request.samples,
      needsMetric: step.input.needsMetric,
    },
    result,
  );
}

/** The winner's last run predicts the rows of the user's own file alone. */
function isWithheld({ evaluation, input }: ExecuteStep): boolean {
  return evaluation?.kind === 'holdout' && input.variant !== 'refit';
}

/** A script whose command could not be executed, or whose sandbox did not come up, has done nothing wrong. */
async function requireStarted(step: ExecuteStep, attempt: KnownAttempt, result: SupervisorResult): Promise<void> {
  if (result.end !== 'not_started' && (await wasEntered(attempt, result))) return;
  const said = result.message || result.tail.trim();
  await endAttempt(attempt);
  await requirePython(step.dependencies.pythonPath);
  throw isolationUnavailable(`the script of node ${step.input.nodeId} cannot be started on this host: ${said}`);
}

async function wasEntered({ directory, file }: KnownAttempt, { end }: SupervisorResult): Promise<boolean> {
  if (file.isolation === 'process' || end !== 'exit') return true;
  return wasSandboxEntered(directory, controlDirectory(directory));
}

/** A disk that is still full without the script's own files is not the script's doing. */
async function requireRoom(step: ExecuteStep, attempt: KnownAttempt, said: string): Promise<void> {
  const { home } = step.dependencies;
  await removeTree(attempt.directory);
  if (!(await isDiskFullAt(home))) return;
  await endAttempt(attempt);
  const message = `the disk that holds ${home} is full: ${said}; make room there`;
  throw ApplicationFailure.create({ message, type: FailureType.DiskFull, nonRetryable: false });
}

function executionFile(
  step: ExecuteStep,
  attempt: KnownAttempt,
  result: SupervisorResult,
  judgement: Judgement,
): ExecutionFile {
  const ok = judgement.status === 'ok';
  return {
    codeHash: step.codeHash,
    attempt: attempt.number,
    status: judgement.status,
    reason: ok ? null : judgement.reason,
    message: ok ? '' : judgement.message,
    metric: ok ? judgement.metric : null,
    exitCode: result.exitCode,
    signal: result.signal,
    scriptSeconds: result.seconds,
    outputBytes: result.outputBytes,
    peakMemoryBytes: result.peakMemoryBytes,
    isolation: attempt.file.isolation,
    hostId: step.dependencies.hostId,
    submissionHash: ok ? judgement.submissionHash : null,
    ...keptAt(step, attempt),
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
  };
}

function keptAt({ run, dependencies, input }: ExecuteStep, { directory }: KnownAttempt): Pick<ExecutionFile, 'keptAt'> {
  return run.request.keep ? { keptAt: keptAttemptDirectory(dependencies.home, input.runId, directory) } : {};
}
