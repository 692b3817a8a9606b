import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { processIdentity } from '../sandbox/process-identity';
import type { ProcessIdentity } from '../sandbox/process-identity';

export interface DetachedCommand {
  readonly command: string;
  readonly parameters: readonly string[];
  /** The whole environment of the new process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Where its output is added. */
  readonly log: string;
}

/**
 * Starts a process in a session of its own, so that Ctrl-C and a closed terminal do not reach it.
 *
 * @returns its identity; null when it has already ended.
 * @throws when the command cannot be started at all.
 */
export async function spawnDetached(detached: DetachedCommand): Promise<ProcessIdentity | null> {
  await mkdir(path.dirname(detached.log), { recursive: true });
  const log = await open(detached.log, 'a');
  try {
    const child = spawn(detached.command, detached.parameters, {
      cwd: detached.directory,
      detached: true,
      env: { ...detached.environment },
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    return child.pid === undefined ? null : await processIdentity(child.pid);
  } finally {
    await log.close();
  }
}

/** The named variables of `environment` that are set. */
export function pickEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
