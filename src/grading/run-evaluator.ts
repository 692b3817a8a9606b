import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunFile } from '../domain/run-files';
import type { Task } from '../domain/task';
import type { AttemptFile } from '../sandbox/attempt-file';
import { controlDirectory, runDirectory } from '../sandbox/attempts';
import { SUBMISSION_FILE } from '../sandbox/check-submission';
import { inputSource } from '../sandbox/input-source';
import { wasEntered } from '../sandbox/isolation/entry';
import type { IsolationName } from '../sandbox/isolation/isolation';
import { scriptExit } from '../sandbox/isolation/script-exit';
import { isolationUnavailable } from '../sandbox/isolation/unavailable';
import { placeScript, type ScriptMachine, type ScriptPlan } from '../sandbox/place-script';
import { endAttempt } from '../sandbox/remove-attempt';
import { startSupervisor, watchScript } from '../sandbox/supervised-script';
import type { SupervisorResult } from '../sandbox/supervisor-files';
import { fetchTree, listTree } from '../store/fetch-tree';
import { runKeys } from '../store/run-keys';
import { errorCode, StoreError } from '../store/store-error';
import { gradingFailed } from './grading-python';

export type EvaluatorCommand = Exclude<NonNullable<Task['evaluation']>, string>;

/** One evaluation in its directory. */
interface Evaluation {
  readonly run: RunFile;
  readonly nodeId: number;
  readonly command: EvaluatorCommand;
  readonly directory: string;
}

/**
 * Runs an evaluator once, under a supervisor, the run's isolation and the task's limit, and tells how it ended. Nothing
 * of it is left afterwards, whatever happens; what a killed worker left of the same evaluation is ended first.
 *
 * @throws ApplicationFailure `GradingFailed` when somebody ended it, `IsolationUnavailable` or `EnvironmentFailed` when
 *   it cannot be started; StoreError; the reason of `signal`, once the evaluator has ended
 */
export async function runEvaluator(
  host: ScriptMachine,
  run: RunFile,
  nodeId: number,
  command: EvaluatorCommand,
  signal: AbortSignal,
): Promise<SupervisorResult> {
  const directory = await claim(host, run.runId, nodeId);
  try {
    const { isolation } = await place(host, { run, nodeId, command, directory }, signal);
    return await supervise(host, directory, isolation, signal);
  } finally {
    await endAttempt({ directory });
  }
}

/** A fresh directory, after ending what is left in those of earlier evaluations of the node. */
async function claim({ home }: ScriptMachine, runId: string, nodeId: number): Promise<string> {
  const prefix = path.join(runDirectory(home, runId), `grade-${nodeId}-`);
  await mkdir(path.dirname(prefix), { recursive: true });
  const earlier = await numbersAt(prefix);
  for (const number of earlier) await endAttempt({ directory: `${prefix}${number}` });
  // Never a number again: whoever watched an earlier evaluation still looks at its directory.
  for (let number = Math.max(0, ...earlier) + 1; ; number += 1) {
    const directory = `${prefix}${number}`;
    try {
      await mkdir(directory);
      return directory;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

async function numbersAt(prefix: string): Promise<number[]> {
  const start = path.basename(prefix);
  const names = (await readdir(path.dirname(prefix))).filter((name) => name.startsWith(start));
  return names.flatMap((name) => /^\d+/.exec(name.slice(start.length))?.map(Number) ?? []);
}

async function place(host: ScriptMachine, evaluation: Evaluation, signal: AbortSignal): Promise<AttemptFile> {
  const { run, command, directory } = evaluation;
  const evaluator = `${runKeys(run.runId).task}/evaluation`;
  const names = (await listTree(host.store, evaluator)).map((key) => key.slice(evaluator.length + 1));
  const plan: ScriptPlan = {
    run,
    directory,
    token: `evaluation-${randomUUID()}`,
    solution: await readSolution(host, evaluation),
    source: inputSource(run, null),
    program: () => ['/bin/sh', '-c', command.command],
    readOnly: ['solution.py', ...new Set(names.map((name) => name.split('/')[0] ?? name))],
    time: () => ({ limitSeconds: command.limit, endBefore: null }),
    seed: null,
  };
  const file = await placeScript(host, plan, signal);
  await fetchWork(host, evaluation);
  await fetchTree(host.store, evaluator, directory);
  // The store keeps no modes, and a command may well begin with ./
  for (const name of names) await chmod(path.join(directory, name), 0o755);
  return file;
}

async function readSolution({ store }: ScriptMachine, { run, nodeId }: Evaluation): Promise<Buffer> {
  const key = runKeys(run.runId).node(nodeId).solution;
  const solution = await store.read(key);
  if (solution === null) throw new StoreError(`${key} is missing in the store, though an earlier step wrote it`);
  return solution;
}

/** Brings what the script made. */
async function fetchWork({ store }: ScriptMachine, { run, nodeId, directory }: Evaluation): Promise<void> {
  const node = runKeys(run.runId).node(nodeId);
  await store.readFile(node.submission, path.join(directory, SUBMISSION_FILE));
  await fetchTree(store, node.outputs, directory);
}

async function supervise(
  host: ScriptMachine,
  directory: string,
  isolation: IsolationName,
  signal: AbortSignal,
): Promise<SupervisorResult> {
  const control = controlDirectory(directory);
  signal.throwIfAborted();
  await startSupervisor(host.pythonPath, control);
  const outcome = await watchScript(control, signal);
  if (outcome.status !== 'ended' || outcome.result.end === 'stopped') {
    throw gradingFailed(`the evaluation in ${directory} was ended from outside; it is made again`);
  }
  const { result } = outcome;
  const entered = isolation === 'process' || result.end !== 'exit' || (await wasEntered(directory, control));
  if (result.end === 'not_started' || !entered) {
    throw isolationUnavailable(`the evaluation cannot be started on this host: ${result.message || result.tail}`);
  }
  return { ...result, ...scriptExit(isolation, result) };
}
