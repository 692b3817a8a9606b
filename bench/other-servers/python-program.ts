import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '../../test/helpers/wait-until';

const run = promisify(execFile);

/** Compiling is the slowest of it, and the machine may be busy. */
const INSTALL_LIMIT_MS = 40 * 60_000;
const START_LIMIT_MS = 180_000;
const GRACE_MS = 10_000;

/** A Python environment of its own with exactly these packages; made once and kept. */
export async function pythonEnvironment(directory: string, packages: readonly string[]): Promise<string> {
  const python = path.join(directory, 'bin', 'python');
  const stamp = path.join(directory, 'packages.txt');
  const wanted = `${packages.join('\n')}\n`;
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  process.stderr.write(`installing ${packages.join(', ')} in ${directory}\n`);
  await mkdir(directory, { recursive: true });
  const limit = { timeout: INSTALL_LIMIT_MS, maxBuffer: 64e6 };
  await run('python3', ['-m', 'venv', '--clear', directory], limit);
  await run('nice', ['-n', '10', python, '-m', 'pip', 'install', '--quiet', ...packages], limit);
  await writeFile(stamp, wanted);
  return python;
}

export interface PythonProgram {
  /** All that it has written so far. */
  log(): string;
  close(): Promise<void>;
}

/**
 * Starts a server and waits until the address answers.
 *
 * @throws Error with what it wrote when it ends before
 */
export async function startProgram(
  command: readonly [string, ...string[]],
  address: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<PythonProgram> {
  const [file, ...words] = command;
  const child = spawn(file, words, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONUNBUFFERED: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const note = (text: string): void => void (log += text);
  child.stdout.setEncoding('utf8').on('data', note);
  child.stderr.setEncoding('utf8').on('data', note);
  const ended = once(child, 'close');
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(timer);
  };
  try {
    await waitUntil(`an answer from ${address}`, () => answers(address, child.exitCode, log), START_LIMIT_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return { log: () => log, close };
}

async function answers(address: string, exitCode: number | null, log: string): Promise<boolean> {
  if (exitCode !== null) throw new Error(`the server ended with status ${exitCode}:\n${log.slice(-4000)}`);
  const response = await fetch(address, { signal: AbortSignal.timeout(5000) }).catch(() => null);
  return response?.ok === true;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
