import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { lock } from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { FailureType } from '../domain/failure-type';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { fetchTree, listTree } from '../store/fetch-tree';
import { runKeys } from '../store/run-keys';
import { errorCode } from '../store/store-error';
import { removeTree } from './attempts';
import type { InterpreterIdentity } from './interpreter';
import { environmentPython, makeEnvironment } from './make-environment';
import { endOnOneLine } from './end-on-one-line';

/** What a host needs to make environments. */
export interface EnvironmentHost {
  readonly store: ArtifactStore;
  /** COPPICE_HOME: environments lie below its `environments` directory. */
  readonly home: string;
  /** Interpreter of the pinned environment; its base is what tasks' environments are made from. */
  readonly pythonPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The requirements of a task, as its run keeps them. */
export interface TaskRequirements {
  readonly runId: string;
  /** The file, below the run's `task/`. */
  readonly file: string;
  /** Hash of the file and of all that it refers to. */
  readonly hash: string;
  /** Interpreter to make the environment from. */
  readonly base: InterpreterIdentity;
}

/** Written last of all into a finished environment. */
const STAMP = 'environment.json';
const stampSchema = z.object({ directory: z.string() });

/** A lock not refreshed for this long belongs to a worker that was killed, in milliseconds. */
const STALE_MS = 10_000;
const WAIT_MS = 200;

/** Hash of everything that the task's environment is installed from. */
export async function requirementsHash(store: ArtifactStore, runId: string): Promise<string> {
  const prefix = `${runKeys(runId).task}/requirements`;
  const parts = [];
  for (const key of await listTree(store, prefix)) {
    parts.push([key.slice(prefix.length), contentHash((await store.read(key)) ?? '')]);
  }
  return contentHash(JSON.stringify(parts));
}

/**
 * The interpreter of the environment with a task's own requirements. Made once per content and base interpreter on each
 * machine, one worker at a time; what a killed worker left half-made is made anew.
 *
 * @throws ApplicationFailure of type `EnvironmentFailed` or `DiskFull`; StoreError; the reason of `signal`
 */
export async function provideEnvironment(
  host: EnvironmentHost,
  requirements: TaskRequirements,
  signal: AbortSignal,
): Promise<string> {
  const { version, platform, base } = requirements.base;
  const name = contentHash(JSON.stringify([requirements.hash, version, platform, base])).slice(0, 32);
  const directory = path.join(host.home, 'environments', name);
  const ready = await finishedPython(directory);
  if (ready !== null) return ready;
  await mkdir(path.dirname(directory), { recursive: true });
  return alone(`${directory}.lock`, signal, async () => {
    return (await finishedPython(directory)) ?? (await make(host, requirements, directory, signal));
  });
}

async function make(
  host: EnvironmentHost,
  { runId, file, base }: TaskRequirements,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const { task } = runKeys(runId);
  await mkdir(directory, { recursive: true });
  for (const left of await readdir(directory)) await removeTree(path.join(directory, left));
  // Of its own name each time: the installer of a killed worker may still write into the former one.
  const made = await mkdtemp(path.join(directory, 'made-'));
  await fetchTree(host.store, `${task}/requirements`, path.join(made, 'requirements'));
  const target = path.join(made, 'python');
  const log = `${directory}.log`;
  const tail = await makeEnvironment(
    {
      base: base.base,
      requirements: path.join(made, file),
      target,
      log,
      tools: path.join(host.home, 'tools', 'bin'),
      environment: host.environment,
    },
    signal,
  );
  if (tail !== null) throw installationFailure(file, tail, log);
  await writeFileAtomic(path.join(directory, STAMP), `${JSON.stringify({ directory: path.basename(made) })}\n`);
  return environmentPython(target);
}

/** Null when there is no finished environment, or somebody took parts of it away. */
async function finishedPython(directory: string): Promise<string | null> {
  try {
    const stamp = stampSchema.parse(JSON.parse(await readFile(path.join(directory, STAMP), 'utf8')));
    const python = environmentPython(path.join(directory, stamp.directory, 'python'));
    await access(python, constants.X_OK);
    return python;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError || error instanceof z.ZodError)
      return null;
    throw error;
  }
}

async function alone<Result>(lockFile: string, signal: AbortSignal, action: () => Promise<Result>): Promise<Result> {
  const ignore = (): void => undefined;
  for (;;) {
    signal.throwIfAborted();
    try {
      const options = { lockfilePath: lockFile, realpath: false, stale: STALE_MS, onCompromised: ignore };
      const release = await lock(lockFile, options);
      return await action().finally(() => release().catch(ignore));
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw error;
      await sleep(WAIT_MS);
    }
  }
}

function installationFailure(file: string, tail: string, log: string): ApplicationFailure {
  const name = path.posix.basename(file);
  const isFull = /no space left on device|disk quota exceeded|os error 28/i.test(tail);
  const remedy = isFull
    ? 'make room there'
    : 'start a run with a corrected file, or mend what the installers say of the network (proxy and index settings ' +
      'are passed on to uv and pip)';
  return ApplicationFailure.create({
    message: `the packages of the task's ${name} could not be installed: ${endOnOneLine(tail)}; the whole log is ${log}; ${remedy}`,
    type: isFull ? FailureType.DiskFull : FailureType.EnvironmentFailed,
    // The installers have tried more than once themselves: the run pauses at once, and tries again while it does.
    nonRetryable: true,
  });
}
