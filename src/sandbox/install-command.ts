import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';

/** One command of an installation, and where it is run. */
export interface InstallCommand {
  readonly words: readonly [program: string, ...rest: string[]];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** File that the command line and all output are added to. */
  readonly log: string;
}

/**
 * Runs one command of an installation and tells whether it ended well.
 *
 * @throws the reason of `signal` when that is aborted, once the command and what it started have been ended
 */
export async function runInstallCommand(install: InstallCommand, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const log = await open(install.log, 'a');
  try {
    await log.write(`$ ${install.words.join(' ')}\n`);
    const problem = await ended(install, log.fd, signal);
    signal.throwIfAborted();
    if (problem !== null) await log.write(`${problem}\n`);
    return problem === null;
  } finally {
    await log.close();
  }
}

/** Why the command did not end well; null when it did. */
async function ended(install: InstallCommand, log: number, signal: AbortSignal): Promise<string | null> {
  const [program, ...rest] = install.words;
  const child = spawn(program, rest, {
    cwd: install.directory,
    env: { ...install.environment },
    stdio: ['ignore', log, log],
    // A group of its own, so that compilers and the like end with it.
    detached: true,
  });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', end);
  try {
    return await new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, ending) => resolve(code === 0 ? null : `ended with ${code ?? String(ending)}`));
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}
