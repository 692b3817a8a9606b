import type { Stats } from 'node:fs';
import { lstat, open, stat } from 'node:fs/promises';
import { errorCode } from '../store/store-error';

/** A task that cannot be used as it is: the message is one line for its owner, with what to do about it. */
export class TaskProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TaskProblem';
  }
}

const PREDICATE_BY_CODE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'cannot be read (permission denied)',
  EPERM: 'cannot be read (permission denied)',
  EISDIR: 'is a directory, not a file',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has too long a name',
  ERR_INVALID_ARG_VALUE: 'has a character in its name that no path can have',
};

export type PathState = { readonly ok: true; readonly stats: Stats } | { readonly ok: false; readonly problem: string };

/**
 * What lies at a path, or why it cannot be used, as the end of a sentence (`does not exist`).
 *
 * @throws the system's error when it is nothing the owner of the task can mend (a failing disk or network)
 */
export async function lookAt(place: string): Promise<PathState> {
  try {
    return { ok: true, stats: await stat(place) };
  } catch (error) {
    const problem = pathProblem(error);
    if (problem === null) throw error;
    return { ok: false, problem: (await isLink(place)) ? 'is a link that leads nowhere' : problem };
  }
}

/** Why a file's content cannot be read, as the end of a sentence; null when it can. Reads a single byte. */
export async function whyUnreadable(file: string): Promise<string | null> {
  const state = await lookAt(file);
  if (!state.ok) return state.problem;
  if (state.stats.isDirectory()) return 'is a directory, not a file';
  if (!state.stats.isFile()) return 'is not a regular file';
  try {
    const handle = await open(file, 'r');
    try {
      await handle.read(Buffer.alloc(1), 0, 1, 0);
    } finally {
      await handle.close();
    }
    return null;
  } catch (error) {
    const problem = pathProblem(error);
    if (problem === null) throw error;
    return problem;
  }
}

/** The end of a sentence for a system error that is the owner's to mend; null for any other error. */
export function pathProblem(error: unknown): string | null {
  const code = errorCode(error);
  return code === null ? null : (PREDICATE_BY_CODE[code] ?? null);
}

async function isLink(place: string): Promise<boolean> {
  try {
    return (await lstat(place)).isSymbolicLink();
  } catch {
    return false;
  }
}
