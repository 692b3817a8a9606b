import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import path from 'node:path';
import { types } from 'node:util';
import type { ArtifactStore } from './artifact-store';
import { StoreError, errorCode } from './store-error';

/** Start of the names of files that are being written; a killed process may leave some behind. */
const TEMPORARY_PREFIX = '.tmp-';

/**
 * A store in a directory, on one disk or a shared file system. Every write goes to a temporary file that is synced
 * and renamed, and the directory is synced after it.
 *
 * @throws StoreError from every operation that fails; its `code` is the operating system's
 */
export function createDirectoryStore(root: string): ArtifactStore {
  const locate = (key: string): string => path.join(root, ...segmentsOf(key));

  return {
    read: (key) => attempt('read', key, async () => orNull(readFile(locate(key)))),

    readFile: (key, localPath) =>
      attempt('read', key, async () => {
        const copying = copyFile(locate(key), localPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        return (await orNull(copying.then(() => true))) ?? false;
      }),

    write: (key, content) =>
      attempt('write', key, () => replaceFile(locate(key), (temporary) => writeSynced(temporary, content))),

    writeFile: (key, localPath) =>
      attempt('write', key, () => replaceFile(locate(key), (temporary) => copySynced(localPath, temporary))),

    copy: (from, to) =>
      attempt('copy', from, async () => {
        const source = locate(from);
        if ((await orNull(stat(source)))?.isFile() !== true) return false;
        await replaceFile(locate(to), (temporary) => copySynced(source, temporary));
        return true;
      }),

    append: (key, lines) =>
      attempt('append to', key, async () => {
        await makeParents(locate(key));
        await appendFile(locate(key), lines);
      }),

    list: (prefix) =>
      attempt('list', prefix, async () => {
        const names = (await orNull(readdir(prefix === '' ? root : locate(prefix)))) ?? [];
        return names.filter((name) => !name.startsWith(TEMPORARY_PREFIX)).sort();
      }),

    exists: (key) => attempt('look for', key, async () => (await orNull(stat(locate(key)))) !== null),

    move: (from, to) =>
      attempt('move', from, async () => {
        await makeParents(locate(to));
        await rename(locate(from), locate(to));
        await syncDirectory(path.dirname(locate(to)));
        await syncDirectory(path.dirname(locate(from)));
      }),

    remove: (prefix) => attempt('remove', prefix, () => rm(locate(prefix), { recursive: true, force: true })),

    link: (key, target) =>
      attempt('link', key, () => {
        const relativeTarget = path.relative(path.dirname(locate(key)), locate(target));
        return replaceFile(locate(key), (temporary) => symlink(relativeTarget, temporary));
      }),
  };
}

function segmentsOf(key: string): string[] {
  const segments = key.split('/');
  const unusable = segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  if (unusable || /[\\\0]/.test(key) || segments.some((segment) => segment.startsWith(TEMPORARY_PREFIX))) {
    throw new StoreError(`"${key}" is not a usable store key: expected a relative path without "." and ".." parts`);
  }
  return segments;
}

async function attempt<Result>(verb: string, key: string, operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const reason = types.isNativeError(error) ? error.message : String(error);
    throw new StoreError(`cannot ${verb} ${key} in the store: ${reason}`, error);
  }
}

async function orNull<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function replaceFile(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await makeParents(target);
  const directory = path.dirname(target);
  const temporary = path.join(directory, `${TEMPORARY_PREFIX}${randomUUID()}`);
  try {
    await make(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

async function writeSynced(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copySynced(source: string, file: string): Promise<void> {
  await copyFile(source, file, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await chmod(file, 0o644);
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the missing directories above a file; their entries reach the disk before anything is put into them. */
async function makeParents(file: string): Promise<void> {
  const directory = path.dirname(file);
  const firstMade = await mkdir(directory, { recursive: true });
  if (firstMade === undefined) return;
  for (let made = directory; made.length >= firstMade.length; made = path.dirname(made)) {
    await syncDirectory(path.dirname(made));
  }
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errorCode(error);
    // Some network file systems and platforms have no sync of directories; the rename itself has been made.
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EISDIR' && code !== 'EPERM' && code !== 'EACCES')
      throw error;
  }
}
