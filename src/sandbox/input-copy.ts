import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, realpath, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../store/store-error';
import { removeTree, runDirectory } from './attempts';

/**
 * Makes this host's read-only copy of a run's data, once, and returns its path. Attempts that come at the same time
 * may copy in parallel; the first to finish wins. Copies share blocks with the original where the file system can.
 *
 * @throws the system error when the data cannot be read or copied; the reason of `signal` when that is aborted
 */
export async function prepareInput(
  home: string,
  runId: string,
  dataDirectory: string,
  signal: AbortSignal,
): Promise<string> {
  const target = path.join(runDirectory(home, runId), 'input');
  if (await exists(target)) return target;
  const temporary = path.join(runDirectory(home, runId), `.input-${randomUUID()}`);
  try {
    await mkdir(path.dirname(temporary), { recursive: true });
    await copyDirectory(dataDirectory, temporary, [], signal);
    await rename(temporary, target);
    await chmod(target, 0o555);
  } catch (error) {
    await removeTree(temporary);
    const code = errorCode(error);
    if ((code === 'ENOTEMPTY' || code === 'EEXIST') && (await exists(target))) return target;
    throw error;
  }
  return target;
}

/** Follows links, since data is often linked into place; a link back to a directory above is left out. */
async function copyDirectory(from: string, to: string, above: readonly string[], signal: AbortSignal): Promise<void> {
  const real = await realpath(from);
  if (above.includes(real)) return;
  await mkdir(to);
  for (const name of await readdir(from)) {
    signal.throwIfAborted();
    const [source, target] = [path.join(from, name), path.join(to, name)];
    const status = await stat(source);
    if (status.isDirectory()) await copyDirectory(source, target, [...above, real], signal);
    else if (status.isFile()) await copyReadOnly(source, target);
  }
  if (above.length > 0) await chmod(to, 0o555);
}

async function copyReadOnly(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, 0o444);
}

async function exists(target: string): Promise<boolean> {
  return access(target).then(
    () => true,
    () => false,
  );
}
