import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { errorMessage } from '../../domain/error-message';
import { removeTree } from '../attempts';
import { createBubblewrap } from './bubblewrap';
import { findBubblewrap, type FoundBubblewrap } from './find-bubblewrap';
import type { Isolation, Placement } from './isolation';
import { probeScript } from './probe-script';
import { leaky, missing, notLinux, refused, type Refusal } from './refusal';
import { writeAccountFiles } from './system-places';

/** The machine as far as isolation has to know it. */
export interface IsolationSetup {
  /** COPPICE_HOME. */
  readonly home: string;
  /** Further directories that no script may see: the store, the answers. */
  readonly hidden: readonly string[];
  readonly pythonPath: string;
  /** PATH of this process. */
  readonly searchPath: string | undefined;
}

export type ProbeResult =
  | { readonly status: 'proved'; readonly isolation: Isolation; readonly version: string }
  | { readonly status: 'refused'; readonly refusal: Refusal };

/** A first import from a cold disk may take long; milliseconds. */
const LIMIT_MS = 60_000;

const PROBE_RESOURCES = { memoryBytes: 2 ** 30, diskBytes: 2 ** 30, fileBytes: 2 ** 30, processes: 64 } as const;

/** Tries bubblewrap out: starts a sandbox as a script would get it, and lets it try what it must not be able to. */
export async function probeBubblewrap(setup: IsolationSetup): Promise<ProbeResult> {
  if (process.platform !== 'linux') return { status: 'refused', refusal: notLinux() };
  const found = await findBubblewrap(setup.searchPath);
  if (found === null) return { status: 'refused', refusal: await missing() };
  const directory = path.join(setup.home, 'isolation', `probe-${randomUUID()}`);
  try {
    return await tryOut(setup, found, directory);
  } finally {
    await removeTree(directory);
  }
}

/** Some kernels and containers let no namespace be closed to further ones: better without that than not at all. */
async function tryOut(setup: IsolationSetup, found: FoundBubblewrap, directory: string): Promise<ProbeResult> {
  const { features } = found;
  await writeAccountFiles(accountDirectory(setup));
  const result = await tryWith(setup, found, path.join(directory, 'first'));
  if (result.status === 'proved' || !features.noNesting) return result;
  return tryWith(setup, { ...found, features: { ...features, noNesting: false } }, path.join(directory, 'second'));
}

async function tryWith(setup: IsolationSetup, found: FoundBubblewrap, directory: string): Promise<ProbeResult> {
  const { bwrap, version, features } = found;
  const hidden = [setup.home, homedir(), ...setup.hidden];
  const isolation = createBubblewrap({ bwrap, features, hidden, accountDirectory: accountDirectory(setup) });
  const answer = await askInside(setup, isolation, directory);
  if (!answer.started) return { status: 'refused', refusal: await refused(version, answer.words) };
  if (answer.problems.length > 0) return { status: 'refused', refusal: leaky(version, answer.problems) };
  return { status: 'proved', isolation, version };
}

function accountDirectory({ home }: IsolationSetup): string {
  return path.join(home, 'isolation', 'accounts');
}

type Answer =
  | { readonly started: true; readonly problems: readonly string[] }
  | { readonly started: false; readonly words: string };

async function askInside(setup: IsolationSetup, isolation: Isolation, directory: string): Promise<Answer> {
  const server = await listen();
  try {
    const placement = await place(setup, directory, portOf(server));
    const { command, environment } = await isolation.command(placement);
    const { output, errors } = await run(command, environment);
    const answer = output.trim().split('\n').at(-1) ?? '';
    if (answer.startsWith('[')) return { started: true, problems: z.array(z.string()).parse(JSON.parse(answer)) };
    return { started: false, words: errors.trim().split('\n').at(-1) ?? 'it gave no answer' };
  } catch (error) {
    return { started: false, words: errorMessage(error) };
  } finally {
    server.close();
  }
}

async function place(setup: IsolationSetup, directory: string, port: number): Promise<Placement> {
  const script = path.join(directory, 'script');
  const input = path.join(directory, 'input');
  const secret = path.join(directory, 'secret');
  for (const made of [input, ...['working', 'input', '.home', '.tmp'].map((name) => path.join(script, name))]) {
    await mkdir(made, { recursive: true });
  }
  const hidden = [secret, ...(await filesIn(homedir())), ...setup.hidden];
  const targets = { port, hidden, pid: process.pid, numpy: await hasNumpy(setup.pythonPath) };
  await writeFile(secret, 'secret');
  await writeFile(path.join(script, 'solution.py'), probeScript(targets));
  return {
    directory: script,
    homeDirectory: path.join(script, '.home'),
    temporaryDirectory: path.join(script, '.tmp'),
    pythonPath: setup.pythonPath,
    program: [setup.pythonPath, 'solution.py'],
    readOnly: ['solution.py'],
    input: { directory: input, mounts: [], hidden: [] },
    mounts: [],
    network: false,
    gpus: 0,
    resources: PROBE_RESOURCES,
    token: `probe-${randomUUID()}`,
    threads: 1,
    seed: null,
  };
}

/** An environment that lacks it anyway says nothing about the sandbox. */
async function hasNumpy(pythonPath: string): Promise<boolean> {
  return promisify(execFile)(pythonPath, ['-I', '-c', 'import numpy'], { timeout: LIMIT_MS }).then(
    () => true,
    () => false,
  );
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(directory, entry.name));
}

async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address !== 'string' ? address.port : 0;
}

async function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly output: string; readonly errors: string }> {
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [output, errors] = [textOf(child.stdout), textOf(child.stderr)];
  try {
    await once(child, 'close');
  } finally {
    clearTimeout(limit);
  }
  return { output: output(), errors: errors() };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}
