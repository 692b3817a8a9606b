import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlDirectory } from './attempts';
import { markEntry } from './isolation/entry';
import type { Isolation } from './isolation/isolation';
import type { ProvidedInput } from './provide-input';

/**
 * Longest path of a temporary directory. Python makes Unix sockets in it (multiprocessing), whose paths the system
 * limits to about 104 bytes.
 */
const MAXIMUM_TEMPORARY_PATH = 60;

/** What a fresh attempt directory is filled with. */
export interface AttemptContent {
  readonly directory: string;
  readonly token: string;
  readonly solution: Uint8Array;
  readonly input: ProvidedInput;
  readonly isolation: Pick<Isolation, 'input'>;
}

/** The parts of a `Placement` that come from its directory. */
export interface PreparedAttempt {
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
}

/** Fills a fresh attempt directory: the script, the way to its data, and empty directories for what it writes. */
export async function prepareAttempt(content: AttemptContent): Promise<PreparedAttempt> {
  const { directory, token, isolation } = content;
  const homeDirectory = path.join(directory, '.home');
  const temporaryDirectory = path.join(directory, '.tmp');
  for (const made of [path.join(directory, 'working'), homeDirectory, temporaryDirectory]) await mkdir(made);
  await writeFile(path.join(directory, 'solution.py'), content.solution);
  if (isolation.input === 'bind') {
    await mkdir(path.join(directory, 'input'));
    await markEntry(directory, controlDirectory(directory));
    return { homeDirectory, temporaryDirectory };
  }
  await symlink(content.input.directory, path.join(directory, 'input'));
  if (temporaryDirectory.length <= MAXIMUM_TEMPORARY_PATH) return { homeDirectory, temporaryDirectory };
  await symlink(temporaryDirectory, shortcut(token));
  return { homeDirectory, temporaryDirectory: shortcut(token) };
}

/** Removes what `prepareAttempt` made outside of the attempt's directory. */
export async function removeShortcut(token: string): Promise<void> {
  await rm(shortcut(token), { force: true });
}

/** A short name for a temporary directory with a long path. */
function shortcut(token: string): string {
  return path.join(tmpdir(), `coppice-${token.slice(-12)}`);
}
