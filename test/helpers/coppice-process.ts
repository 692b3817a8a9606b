import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import type { NodeRecord } from '../../src/domain/node-record';
import { nodeRecordSchema } from '../../src/domain/node-record';
import type { StateFile } from '../../src/domain/run-files';
import { stateFileSchema } from '../../src/domain/run-files';
import { isSameProcess, processIdentity } from '../../src/sandbox/process-identity';
import type { ProcessIdentity } from '../../src/sandbox/process-identity';
import { listProcesses } from '../../src/sandbox/process-table';
import type { ServerDescription } from '../../src/server/server-description';
import { readDescription } from '../../src/server/server-description';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { listNodeIds } from '../../src/store/node-ids';
import { runKeys } from '../../src/store/run-keys';
import type { Ended, RunningCommand } from './coppice-command';
import { openBareWorkplace, provideSetup } from './coppice-command';
import { temporalCliPath } from './temporal-cli';
import { waitUntil } from './wait-until';

export type { Ended } from './coppice-command';

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
  const place = await openBareWorkplace();
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
      await killSupervisors(home);
      for (const script of await scriptsBelow(home)) await killProcess(script);
      await rm(place.root, { recursive: true, force: true, maxRetries: 5 });
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

/**
 * Scripts are known by their directory, or by the attempt that stands in the command line of their supervisor or
 * launcher: inside an isolation nothing else names it.
 */
async function scriptsBelow(home: string, runId?: string, nodeId?: number): Promise<ScriptProcess[]> {
  const found: ScriptProcess[] = [];
  const processes = await listProcesses();
  const commands = new Map(await Promise.all(processes.map(async ({ pid }) => [pid, await commandOf(pid)] as const)));
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const attemptOf = (pid: number | undefined): Attempt | null => {
    if (pid === undefined || pid === 0) return null;
    return attemptIn(commands.get(pid) ?? '', path.join(home, 'work')) ?? attemptOf(parents.get(pid));
  };
  for (const { pid } of processes) {
    const attempt = attemptOf(pid);
    if (attempt === null || isSupervisor(commands.get(pid) ?? '')) continue;
    if (runId !== undefined && attempt.runId !== runId) continue;
    if (nodeId !== undefined && attempt.node !== nodeId) continue;
    const identity = await processIdentity(pid);
    if (identity !== null) found.push({ ...identity, node: attempt.node });
  }
  return found;
}

interface Attempt {
  readonly runId: string;
  readonly node: number;
}

function attemptIn(command: string, work: string): Attempt | null {
  const [, after] = command.split(`${work}${path.sep}`);
  const [runId, name] = after?.split(/[/ ]/) ?? [];
  const node = Number.parseInt(name ?? '', 10);
  return runId === undefined || Number.isNaN(node) ? null : { runId, node };
}

/** Arguments and working directory, separated by spaces; empty for a process that is gone or waits to be asked for. */
async function commandOf(pid: number): Promise<string> {
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  return `${command} ${await readlink(`/proc/${pid}/cwd`).catch(() => '')}`;
}

function isSupervisor(command: string): boolean {
  return command.includes('supervisor.py');
}

/** Their scripts end with them. */
async function killSupervisors(home: string): Promise<void> {
  for (const { pid } of await listProcesses()) {
    const command = await commandOf(pid);
    const identity = await processIdentity(pid);
    if (isSupervisor(command) && command.includes(`${home}${path.sep}`) && identity !== null) {
      await killProcess(identity);
    }
  }
}

function runTemporal(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(temporalCliPath(), [...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`temporal ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}
