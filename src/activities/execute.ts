import path from 'node:path';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { processFileSchema, type ExecutionFile, type ProcessFile } from '../domain/node-record';
import { runFileSchema, type RunFile } from '../domain/run-files';
import type { ExecuteInput, ExecuteResult } from '../domain/steps';
import {
  claimAttempt,
  highestAttempt,
  liveOutputPath,
  newToken,
  removeAttempts,
  removeTree,
  type Attempt,
} from '../sandbox/attempts';
import { SUBMISSION_FILE } from '../sandbox/check-submission';
import { timeoutFailure } from '../sandbox/classify-exit';
import { prepareInput } from '../sandbox/input-copy';
import { isDiskFullAt, judgeAttempt, saysDiskFull, type Judgement } from '../sandbox/judge-attempt';
import { OutputRecorder } from '../sandbox/output-recorder';
import { prepareAttempt, removeShortcut } from '../sandbox/prepare-attempt';
import { endPreviousAttempts } from '../sandbox/previous-attempts';
import { bootId } from '../sandbox/process-identity';
import { requirePython } from '../sandbox/python-check';
import { runScript, type ScriptEnd } from '../sandbox/run-script';
import { scriptEnvironment } from '../sandbox/script-environment';
import { scriptLimitMs } from '../sandbox/script-limit';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys, type NodeKeys } from '../store/run-keys';
import { StoreError, errorCode, toStoreFailure } from '../store/store-error';
import { reuseExecution, toExecuteResult } from './stored-execution';

const HEARTBEAT_MS = 2000;

export interface ExecuteDependencies {
  readonly store: ArtifactStore;
  /** COPPICE_HOME: attempts run below its `work` directory. */
  readonly home: string;
  /** Absolute path of the interpreter. */
  readonly pythonPath: string;
  /** Names the set of processes that this worker sees (see `readHostId`). */
  readonly hostId: string;
}

/** One call of the activity. */
interface Step {
  readonly dependencies: ExecuteDependencies;
  readonly input: ExecuteInput;
  readonly keys: NodeKeys;
  readonly run: RunFile;
  readonly solution: Buffer;
  readonly codeHash: string;
  readonly dispatchedAt: number;
  readonly signal: AbortSignal;
  readonly showOutput: (output: OutputRecorder) => void;
}

/** A script in its directory, ready to start. */
interface ReadyScript {
  readonly attempt: Attempt;
  readonly token: string;
  readonly limitMs: number;
  readonly inputDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Makes the `execute` activity: runs a node's stored script once and stores how it ended, `execution.json` last. What
 * is stored for the same code is reused. A script's failure is a value.
 *
 * @throws ApplicationFailure of type `DiskFull`, `StoreUnavailable` or `PythonUnavailable`; the cancellation, once the
 *   script has ended, when the activity is cancelled
 */
export function createExecute(dependencies: ExecuteDependencies): (input: ExecuteInput) => Promise<ExecuteResult> {
  return async (input) => {
    const context = Context.current();
    let output: OutputRecorder | null = null;
    const beat = (): void => context.heartbeat({ line: output?.lastLine() ?? '' });
    beat();
    const timer = setInterval(beat, HEARTBEAT_MS);
    try {
      return await execute(dependencies, input, context, (shown) => (output = shown));
    } catch (error) {
      throw error instanceof StoreError || errorCode(error) !== null ? toStoreFailure(error) : error;
    } finally {
      clearInterval(timer);
    }
  };
}

async function execute(
  dependencies: ExecuteDependencies,
  input: ExecuteInput,
  context: Context,
  showOutput: Step['showOutput'],
): Promise<ExecuteResult> {
  const { store } = dependencies;
  const keys = runKeys(input.runId).node(input.nodeId);
  const run = required(await readJson(store, runKeys(input.runId).run, runFileSchema), runKeys(input.runId).run);
  const solution = required(await store.read(keys.solution), keys.solution);
  const codeHash = contentHash(solution);
  const stored = await reuseExecution(store, input.runId, input.nodeId, codeHash);
  if (stored !== null) return toExecuteResult(stored);

  await requirePython(dependencies.pythonPath);
  const dispatchedAt = context.info.currentAttemptScheduledTimestampMs;
  const signal = context.cancellationSignal;
  const step: Step = { dependencies, input, keys, run, solution, codeHash, dispatchedAt, signal, showOutput };
  const ready = await makeReady(step);
  try {
    return toExecuteResult(await runReady(step, ready));
  } finally {
    await removeShortcut(ready.token);
  }
}

async function makeReady(step: Step): Promise<ReadyScript> {
  const { dependencies, input, keys, run, signal } = step;
  const { store, home, hostId, pythonPath } = dependencies;
  const { runId, nodeId } = input;
  const { parallel } = run;
  const previous = await readJson(store, keys.process, processFileSchema);
  const attempt = await claimAttempt(home, runId, nodeId, previous?.attempt ?? 0);
  await endPreviousAttempts({ home, runId, nodeId, hostId }, previous);
  await removeAttempts(home, runId, nodeId, attempt.number);
  // A killed attempt may have stored one, which nothing would take away if this attempt makes none.
  await store.remove(keys.submission);

  const inputDirectory = await prepareInput(home, runId, run.task.dataDirectory, signal);
  const token = newToken(home, runId, nodeId);
  const directories = await prepareAttempt(attempt.directory, token, step.solution, inputDirectory);
  const environment = scriptEnvironment({ pythonPath, token, parallel, ...directories });
  signal.throwIfAborted();
  const limitMs = scriptLimitMs(input, step.dispatchedAt, Date.now());
  return { attempt, token, limitMs, inputDirectory, environment };
}

async function runReady(step: Step, ready: ReadyScript): Promise<ExecutionFile> {
  const startedAt = new Date().toISOString();
  if (ready.limitMs <= 0) return storeWithoutRun(step, ready, startedAt);
  await requireLatest(step, ready, null);
  const { directory } = ready.attempt;
  const output = new OutputRecorder(liveOutputPath(directory));
  step.showOutput(output);
  const end = await runScript({
    pythonPath: step.dependencies.pythonPath,
    directory,
    environment: ready.environment,
    token: ready.token,
    limitMs: ready.limitMs,
    output,
    signal: step.signal,
    onStarted: async (pid, identity) => {
      const named = identity ?? { pid, startTime: 'unknown', bootId: await bootId() };
      await writeJson(step.dependencies.store, step.keys.process, processFile(step, ready, named, startedAt));
    },
  });
  if (end.end === 'aborted') {
    await removeAttempts(step.dependencies.home, step.input.runId, step.input.nodeId, ready.attempt.number + 1);
    step.signal.throwIfAborted();
  }
  await requireLatest(step, ready, ready.token);
  return storeRun(step, ready, startedAt, end, await judge(step, ready, end));
}

async function judge(step: Step, ready: ReadyScript, end: ScriptEnd): Promise<Judgement> {
  const { pythonPath, home } = step.dependencies;
  if (end.exitCode === 126 || end.exitCode === 127) await requirePython(pythonPath);
  const judgement = await judgeAttempt(
    {
      directory: ready.attempt.directory,
      inputDirectory: ready.inputDirectory,
      limitMs: ready.limitMs,
      sample: step.run.task.sample,
      idColumn: step.run.task.id,
    },
    end,
  );
  if (judgement.status === 'failed' && saysDiskFull(end)) {
    // A disk that is still full without the script's own files is not the script's doing.
    await removeTree(ready.attempt.directory);
    if (await isDiskFullAt(home)) {
      const message = `the disk that holds ${home} is full: ${judgement.message}; make room there`;
      throw ApplicationFailure.create({ message, type: FailureType.DiskFull, nonRetryable: false });
    }
  }
  return judgement;
}

async function storeRun(
  step: Step,
  ready: ReadyScript,
  startedAt: string,
  end: ScriptEnd,
  judgement: Judgement,
): Promise<ExecutionFile> {
  const { store } = step.dependencies;
  await store.writeFile(step.keys.output, liveOutputPath(ready.attempt.directory));
  if (judgement.status === 'ok' && judgement.submissionHash !== null) {
    await store.writeFile(step.keys.submission, path.join(ready.attempt.directory, SUBMISSION_FILE));
  }
  return storeExecution(step, ready, judgement, {
    exitCode: end.exitCode,
    signal: end.signal,
    scriptSeconds: end.seconds,
    outputBytes: end.output.bytes,
    startedAt,
  });
}

async function storeWithoutRun(step: Step, ready: ReadyScript, startedAt: string): Promise<ExecutionFile> {
  await step.dependencies.store.write(step.keys.output, '');
  const judgement: Judgement = { status: 'failed', ...timeoutFailure(ready.limitMs) };
  return storeExecution(step, ready, judgement, {
    exitCode: null,
    signal: null,
    scriptSeconds: 0,
    outputBytes: 0,
    startedAt,
  });
}

async function storeExecution(
  step: Step,
  ready: ReadyScript,
  judgement: Judgement,
  facts: Pick<ExecutionFile, 'exitCode' | 'signal' | 'scriptSeconds' | 'outputBytes' | 'startedAt'>,
): Promise<ExecutionFile> {
  const ok = judgement.status === 'ok';
  const execution: ExecutionFile = {
    codeHash: step.codeHash,
    attempt: ready.attempt.number,
    status: judgement.status,
    reason: ok ? null : judgement.reason,
    message: ok ? '' : judgement.message,
    metric: ok ? judgement.metric : null,
    submissionHash: ok ? judgement.submissionHash : null,
    peakMemoryBytes: null,
    isolation: 'process',
    hostId: step.dependencies.hostId,
    finishedAt: new Date().toISOString(),
    ...facts,
  };
  await writeJson(step.dependencies.store, step.keys.execution, execution);
  return execution;
}

function processFile(
  step: Step,
  ready: ReadyScript,
  identity: { readonly pid: number; readonly startTime: string; readonly bootId: string },
  startedAt: string,
): ProcessFile {
  return {
    variant: step.input.variant,
    codeHash: step.codeHash,
    attempt: ready.attempt.number,
    hostId: step.dependencies.hostId,
    ...identity,
    token: ready.token,
    directory: ready.attempt.directory,
    startedAt,
  };
}

/**
 * A later attempt may have begun while this one ran (the server was away for longer than the heartbeat allows); it has
 * ended this one's script, and what that looks like must not be stored as the script's doing.
 */
async function requireLatest(step: Step, ready: ReadyScript, token: string | null): Promise<void> {
  const { store, home } = step.dependencies;
  const { runId, nodeId } = step.input;
  const stored = token === null ? null : await readJson(store, step.keys.process, processFileSchema);
  const replaced = stored !== null && stored.token !== token;
  if (!replaced && (await highestAttempt(home, runId, nodeId)) <= ready.attempt.number) return;
  step.signal.throwIfAborted();
  const message = `attempt ${ready.attempt.number} of node ${nodeId} was replaced by a later one`;
  throw ApplicationFailure.create({ message, type: 'AttemptReplaced', nonRetryable: false });
}

function required<Value>(value: Value | null, key: string): Value {
  if (value === null) throw new StoreError(`${key} is missing in the store, though an earlier step wrote it`);
  return value;
}
