import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StateFile } from '../../src/domain/run-files';
import { stateFileSchema } from '../../src/domain/run-files';
import { stopServer } from '../../src/server/embedded-server';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { modelAt } from '../end-to-end/answered-calls';
import { openBareWorkplace, provideSetup, type Ended } from '../helpers/coppice-command';
import { temporalCliPath } from '../helpers/temporal-cli';
import { waitUntil } from '../helpers/wait-until';
import { startScriptedModel, type ScriptedModel } from '../scripted-model/scripted-model';
import { REPOSITORY } from './documents';

/** A bash in which the lines of the documents do what they say, in directories of their own. */
export interface DocumentedShell {
  /** The directory in which lines are typed; `examples/` there has the tiny tasks that stand for the real ones. */
  readonly directory: string;
  readonly model: ScriptedModel;
  /** Runs a line to its end. */
  run(line: string): Promise<Ended>;
  /** Runs a line that goes on by itself until its output fits; it then stays until `endAll`. */
  stay(line: string, isReady: RegExp): Promise<void>;
  /** Ends what stays, as Ctrl-C would, or as a crash does. */
  endAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends everything, the server too. */
  crash(): Promise<void>;
  /** What the files say of a run. */
  state(runId: string): Promise<StateFile | null>;
  untilState(runId: string, state: StateFile['state']): Promise<void>;
  close(): Promise<void>;
}

/** @param examples names below `examples/` that the lines speak of */
export async function openDocumentedShell(examples: readonly string[]): Promise<DocumentedShell> {
  const workplace = await openBareWorkplace();
  await provideSetup(workplace);
  const { root: directory, home } = workplace;
  const model = await startScriptedModel({ script: ({ node }) => ({ metric: 10 - node }) });
  await writeTestRows(workplace.task);
  for (const name of examples) await cp(workplace.task, path.join(directory, 'examples', name), { recursive: true });
  const bin = await writePrograms(directory, home);
  const environment = {
    ...workplace.environment,
    ...modelAt(model.baseUrl),
    PATH: `${bin}:${workplace.environment['PATH'] ?? ''}`,
    COPPICE_TASKS: directory,
  };
  const start = (line: string): Typed => type(line, directory, environment);
  const staying = new Set<Typed>();
  const store = createDirectoryStore(workplace.store);
  const shell: DocumentedShell = {
    directory,
    model,
    run: (line) => start(line).ended,
    stay: async (line, isReady) => {
      const typed = start(line);
      staying.add(typed);
      await waitUntil(`${String(isReady)} in the output of ${line}`, () => {
        if (typed.process.exitCode !== null) throw new Error(`"${line}" ended:\n${typed.output()}`);
        return isReady.test(typed.output());
      });
    },
    endAll: async (signal) => {
      for (const typed of staying) typed.kill(signal);
      await Promise.all([...staying].map(({ ended }) => ended));
      staying.clear();
    },
    crash: async () => {
      await shell.endAll('SIGKILL');
      await stopServer(home);
    },
    state: (runId) => readJson(store, runKeys(runId).state, stateFileSchema),
    untilState: (runId, state) =>
      waitUntil(`${runId} is ${state}`, async () => (await shell.state(runId))?.state === state, LIMIT_MS / 2),
    close: async () => {
      await shell.endAll('SIGKILL');
      await model.close();
      await workplace.close();
    },
  };
  return shell;
}

/** Generous: the machine may be busy. */
export const LIMIT_MS = 5 * 60_000;

interface Typed {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  output(): string;
  /** The line with all that it started. */
  kill(signal: NodeJS.Signals): void;
}

function type(line: string, cwd: string, env: Record<string, string>): Typed {
  const child = spawn('bash', ['-c', `set -eo pipefail\n${line}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const { pid } = child;
  return {
    process: child,
    ended: once(child, 'close').then(() => ({ exitCode: child.exitCode, stdout, stderr })),
    output: () => stdout + stderr,
    kill: (signal) => {
      if (pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-pid, signal);
    },
  };
}

/** `npx coppice`, `coppice` and `temporal` as the lines mean them: of this checkout, and of this workplace's server. */
async function writePrograms(directory: string, home: string): Promise<string> {
  const bin = path.join(directory, 'bin');
  await mkdir(bin);
  const coppice = `exec "${process.execPath}" "${path.join(REPOSITORY, 'bin', 'coppice.js')}" "$@"`;
  const address = `$(sed -n 's/.*"address": *"\\([^"]*\\)".*/\\1/p' "${path.join(home, 'server.json')}")`;
  const programs = {
    coppice,
    npx: `[ "$1" = coppice ] || exit 64\nshift\n${coppice}`,
    temporal: `exec "${temporalCliPath()}" "$@" --address "${address}"`,
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  return bin;
}

/** Rows to predict, so that there is something to submit. */
async function writeTestRows(task: string): Promise<void> {
  await writeFile(path.join(task, 'input', 'test.csv'), 'id,x\n60,4\n61,5\n');
  await writeFile(path.join(task, 'input', 'sample_submission.csv'), 'id,y\n60,0\n61,0\n');
  const file = path.join(task, 'task.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}test: test.csv\n`);
}
