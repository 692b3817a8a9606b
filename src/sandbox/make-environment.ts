import { constants } from 'node:fs';
import { access, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { runInstallCommand } from './install-command';
import { installEnvironment } from './install-environment';

/** What an environment is made from, and where. */
export interface EnvironmentPlan {
  /** Interpreter that it is made from. */
  readonly base: string;
  /** Absolute path of the requirements file. */
  readonly requirements: string;
  /** Directory of the environment; nothing is there yet. */
  readonly target: string;
  readonly log: string;
  /** Programs of coppice's own set-up, uv perhaps among them. */
  readonly tools: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How much of the log's end is looked at when an installation failed, in bytes. */
const TAIL_BYTES = 4096;

/**
 * Makes a virtual environment with the packages of a requirements file: with uv where there is one, else, and where uv
 * does not manage (it reads none of pip's settings), with venv and pip.
 *
 * @returns null, or the end of the log when neither way worked
 * @throws the reason of `signal` when that is aborted
 */
export async function makeEnvironment(plan: EnvironmentPlan, signal: AbortSignal): Promise<string | null> {
  await rm(plan.log, { force: true });
  const uv = await findProgram('uv', [plan.tools, ...(plan.environment['PATH'] ?? '').split(path.delimiter)]);
  if (uv !== null && (await installByUv(uv, plan, signal))) return null;
  await rm(plan.target, { recursive: true, force: true });
  if (await installByPip(plan, signal)) return null;
  return lastText(plan.log);
}

/** The interpreter of an environment. */
export function environmentPython(directory: string): string {
  return path.join(directory, 'bin', 'python');
}

async function installByUv(uv: string, plan: EnvironmentPlan, signal: AbortSignal): Promise<boolean> {
  const python = environmentPython(plan.target);
  return runAll(plan, signal, [
    [uv, 'venv', '--no-python-downloads', '--python', plan.base, plan.target],
    [uv, 'pip', 'install', '--compile-bytecode', '--python', python, '-r', plan.requirements],
  ]);
}

async function installByPip(plan: EnvironmentPlan, signal: AbortSignal): Promise<boolean> {
  const python = environmentPython(plan.target);
  return runAll(plan, signal, [
    [plan.base, '-m', 'venv', plan.target],
    [python, '-m', 'pip', 'install', '--no-input', '-r', plan.requirements],
  ]);
}

async function runAll(
  plan: EnvironmentPlan,
  signal: AbortSignal,
  commands: readonly (readonly [string, ...string[]])[],
): Promise<boolean> {
  // Relative paths in a requirements file start, for pip, where pip was started.
  const surroundings = {
    directory: path.dirname(plan.requirements),
    environment: installEnvironment(plan.environment),
    log: plan.log,
  };
  for (const words of commands) {
    if (!(await runInstallCommand({ words, ...surroundings }, signal))) return false;
  }
  return true;
}

async function findProgram(name: string, directories: readonly string[]): Promise<string | null> {
  for (const directory of directories.filter((part) => path.isAbsolute(part))) {
    const program = path.join(directory, name);
    const found = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  return null;
}

async function lastText(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trim();
  } finally {
    await handle.close();
  }
}
