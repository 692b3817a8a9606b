import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Longest path of a temporary directory. Python makes Unix sockets in it (multiprocessing), whose paths the system
 * limits to about 104 bytes.
 */
const MAXIMUM_TEMPORARY_PATH = 60;

export interface PreparedAttempt {
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
}

/** Fills a fresh attempt directory: the script, a link to the data, and empty directories for what it writes. */
export async function prepareAttempt(
  directory: string,
  token: string,
  solution: Uint8Array,
  inputDirectory: string,
): Promise<PreparedAttempt> {
  const homeDirectory = path.join(directory, '.home');
  const temporaryDirectory = path.join(directory, '.tmp');
  for (const made of [path.join(directory, 'working'), homeDirectory, temporaryDirectory]) await mkdir(made);
  await symlink(inputDirectory, path.join(directory, 'input'));
  await writeFile(path.join(directory, 'solution.py'), solution);
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
