import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import { stopServer } from '../../src/server/embedded-server';
import { temporalCliPath } from './temporal-cli';
import { waitUntil } from './wait-until';

const PROJECT = path.resolve(__dirname, '..', '..');
const COMMAND = path.join(PROJECT, 'bin', 'coppice.js');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A coppice command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** Waits until standard output fits the pattern; fails with all that was written when the command ends before. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** A home, a store and a task of their own for real coppice processes; scripts cannot run there before `provideSetup`. */
export interface BareWorkplace {
  readonly root: string;
  readonly home: string;
  readonly store: string;
  readonly task: string;
  readonly environment: Record<string, string>;
  start(words: readonly string[], environment?: Readonly<Record<string, string>>): RunningCommand;
  run(words: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Ends what still runs, the server too, and removes everything. */
  close(): Promise<void>;
}

export async function openBareWorkplace(): Promise<BareWorkplace> {
  const root = await mkdtemp(path.join(tmpdir(), 'coppice-cli-'));
  const home = path.join(root, 'home');
  const store = path.join(root, 'runs');
  const environment = {
    ...inherited(['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH']),
    COPPICE_HOME: home,
    COPPICE_STORE: store,
    COPPICE_LEASES: path.join(home, 'leases'),
    COPPICE_TEMPORAL_CLI: temporalCliPath(),
    // Suites that run side by side kill their servers: none may take the port that another's comes back to.
    COPPICE_SERVER_PORT: String(randomInt(10_000, 30_000)),
  };
  const commands = new Set<RunningCommand>();
  const start: BareWorkplace['start'] = (words, more = {}) => {
    const command = startCommand(words, { ...environment, ...more }, root);
    commands.add(command);
    return command;
  };
  return {
    root,
    home,
    store,
    task: await writeTask(root),
    environment,
    start,
    run: (words, more) => start(words, more).ended,
    close: async () => {
      for (const command of commands) command.process.kill('SIGKILL');
      await Promise.all([...commands].map(({ ended }) => ended));
      await stopServer(home);
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Lets scripts of this workplace run: the Python environment is the checkout's. */
export async function provideSetup(workplace: Pick<BareWorkplace, 'home'>): Promise<void> {
  await mkdir(workplace.home, { recursive: true });
  const setup = process.env['COPPICE_HOME'] ?? path.join(PROJECT, '.coppice');
  await copyFile(path.join(setup, 'setup.json'), path.join(workplace.home, 'setup.json'));
}

/** One value of a command's JSON output. */
export function parseOutput<Schema extends z.ZodType>(schema: Schema, { stdout }: Ended): z.output<Schema> {
  return schema.parse(JSON.parse(stdout));
}

async function writeTask(root: string): Promise<string> {
  const task = path.join(root, 'numbers');
  await mkdir(path.join(task, 'input'), { recursive: true });
  await writeFile(path.join(task, 'task.yaml'), 'goal: Predict y.\nmetric: rmse\ntarget: y\ntrain: train.csv\n');
  const rows = Array.from({ length: 60 }, (_, index) => `${index},${index % 7},${index * 2 + (index % 7)}`);
  await writeFile(path.join(task, 'input', 'train.csv'), `id,x,y\n${rows.join('\n')}\n`);
  return task;
}

function startCommand(words: readonly string[], env: Record<string, string>, cwd: string): RunningCommand {
  const child = spawn(process.execPath, [COMMAND, ...words], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let hasEnded = false;
  const ended = once(child, 'close').then(() => {
    hasEnded = true;
    return { exitCode: child.exitCode, stdout, stderr };
  });
  return {
    process: child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    waitFor: (pattern) =>
      waitUntil(`${String(pattern)} in the output of coppice ${words.join(' ')}`, () => {
        if (pattern.test(stdout)) return true;
        if (hasEnded)
          throw new Error(`coppice ${words.join(' ')} ended without ${String(pattern)}:\n${stdout}\n${stderr}`);
        return false;
      }),
  };
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
