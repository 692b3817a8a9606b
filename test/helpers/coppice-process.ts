import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { NodeRecord } from '../../src/domain/node-record';
import { nodeRecordSchema } from '../../src/domain/node-record';
import type { StateFile } from '../../src/domain/run-files';
import { stateFileSchema } from '../../src/domain/run-files';
import { isSameProcess, processIdentity } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { listProcesses, startedWith } from '../../src/sandbox/process-table';
import { ATTEMPT_VARIABLE } from '../../src/sandbox/process-tree';
import type { ServerDescription } from '../../src/server/server-description';
import { readDescription } from '../../src/server/server-description';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { listNodeIds } from '../../src/store/node-ids';
import { runKeys } from '../../src/store/run-keys';
import type { Ended, RunningCommand } from '../cli/coppice-process';
import { openWorkplace, provideSetup } from '../cli/coppice-process';
import { temporalCliPath } from './temporal-cli';
import { waitUntil } from './wait-until';

export type { Ended } from '../cli/coppice-process';

/** A coppice command at work, as a real process. */
export interface CoppiceProcess extends RunningCommand {
  readonly pid: number;
  /** Whether the process has not ended yet. */
  isRunning(): boolean;
  /** Kills it with SIGKILL, nothing else, and returns when it is gone. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** A living process of a script. */
export interface ScriptProcess extends ProcessIdentity {
  readonly node: number;
  /** Its worker's pid, or another's once the worker is dead. */
  readonly parent: number;
}

/** A run as its files tell it. */
export interface StoredRun {
  /** Recorded nodes by id. */
  readonly nodes: readonly NodeRecord[];
  readonly state: StateFile | null;
  /** Names below `superseded/`. */
  readonly superseded: readonly string[];
}

/**
 * A COPPICE_HOME (with the Python environment of the checkout), a COPPICE_STORE and a tiny task of their own, and the
 * real command line working there.
 */
export interface Workplace {
  readonly home: string;
  readonly store: string;
  /** The directory of a small task. */
  readonly task: string;
  /** Starts `coppice …args`; `environment` is added to the workplace's. */
  coppice(args: readonly string[], environment?: Readonly<Record<string, string>>): CoppiceProcess;
  /** Runs `coppice …args` to its end. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Runs `temporal …args` against the workplace's server; fails with its output when it fails. */
  temporal(args: readonly string[]): Promise<string>;
  /** What `server.json` says; null when no server was started. */
  server(): Promise<ServerDescription | null>;
  /** Kills the server's process with SIGKILL, as a crash would; false when there was none. */
  killServer(): Promise<boolean>;
  /** Absolute path of a file of the store. */
  file(key: string): string;
  /** Its text; null when there is no such file. */
  read(key: string): Promise<string | null>;
  readRun(runId: string): Promise<StoredRun>;
  /** Living processes of scripts that this workplace's workers started for the run, or for one node of it. */
  scripts(runId: string, nodeId?: number): Promise<ScriptProcess[]>;
  /** Ends every process of this workplace and removes its files. */
  cleanup(): Promise<void>;
}

/** @param environment added to what every process of the workplace gets, such as OPENAI_BASE_URL */
export async function makeWorkplace(environment: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const place = await openWorkplace();
  await provideSetup(place);
  const { home, store } = place;
  const artifacts = createDirectoryStore(store);
  const coppice: Workplace['coppice'] = (args, more = {}) =>
    coppiceProcess(place.start(args, { ...environment, ...more }));
  const server = (): Promise<ServerDescription | null> => readDescription(home);
  const file = (key: string): string => path.join(store, key);
  return {
    home,
    store,
    task: place.task,
    coppice,
    run: (args, more) => coppice(args, more).ended,
    temporal: async (args) => {
      const address = (await server())?.address;
      if (address === undefined) throw new Error('no server was started in this workplace');
      return runTemporal([...args, '--address', address]);
    },
    server,
    killServer: async () => {
      const description = await server();
      if (description === null || !(await isSameProcess(description))) return false;
      await killProcess(description);
      return true;
    },
    file,
    read: (key) => readFile(file(key), 'utf8').catch(() => null),
    readRun: async (runId) => {
      const ids = await listNodeIds(artifacts, runId);
      const records = await Promise.all(
        ids.map((id) => readJson(artifacts, runKeys(runId).node(id).record, nodeRecordSchema)),
      );
      return {
        nodes: records.filter((record) => record !== null),
        state: await readJson(artifacts, runKeys(runId).state, stateFileSchema),
        superseded: await artifacts.list(runKeys(runId).supersededDirectory),
      };
    },
    scripts: (runId, nodeId) => scriptsBelow(home, runId, nodeId),
    cleanup: async () => {
      await place.close();
      for (const script of await scriptsBelow(home)) await killProcess(script);
    },
  };
}

/** SHA-256 of every file below a directory, by its path there; links count as what they point to. */
export async function hashFiles(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
  const hashes = await Promise.all(
    names.map(async (name) => {
      const content = await readFile(path.join(directory, name));
      return [name, createHash('sha256').update(content).digest('hex')] as const;
    }),
  );
  return Object.fromEntries(hashes);
}

/** Kills exactly that process and returns when it is gone. */
export async function killProcess(identity: ProcessIdentity): Promise<void> {
  if (!(await isSameProcess(identity))) return;
  process.kill(identity.pid, 'SIGKILL');
  await waitUntil(`process ${identity.pid} is gone`, async () => !(await isSameProcess(identity)));
}

function coppiceProcess(command: RunningCommand): CoppiceProcess {
  const { process: child, ended } = command;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    ...command,
    pid: child.pid ?? 0,
    isRunning,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Scripts are known by the directory they work in, which also those keep whose starter is dead. */
async function scriptsBelow(home: string, runId?: string, nodeId?: number): Promise<ScriptProcess[]> {
  const found: ScriptProcess[] = [];
  for (const { pid, parent } of await listProcesses()) {
    if (!(await startedWith(pid, `${ATTEMPT_VARIABLE}=`))) continue;
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0');
    const scriptHome = environment.find((entry) => entry.startsWith('HOME='))?.slice('HOME='.length) ?? '';
    const [run, attempt] = path.relative(path.join(home, 'work'), scriptHome).split(path.sep);
    const isOurs = run !== undefined && run !== '..' && attempt !== undefined;
    if (!isOurs || (runId !== undefined && run !== runId)) continue;
    const node = Number(attempt.split('-')[0]);
    if (nodeId !== undefined && node !== nodeId) continue;
    const identity = await processIdentity(pid);
    if (identity !== null) found.push({ ...identity, node, parent });
  }
  return found;
}

function runTemporal(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(temporalCliPath(), [...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`temporal ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}
