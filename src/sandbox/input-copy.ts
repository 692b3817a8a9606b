import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactStore } from '../store/artifact-store';
import type { InputSource } from './input-source';

/** Files larger than this are linked where the file system cannot share their blocks, in bytes. */
const LARGEST_COPY = 10e9;

/** What a copy could not hold itself: absolute paths of the files that it links to. */
export type LinkedFiles = readonly string[];

/**
 * Makes a read-only copy of a script's data in a new directory. Copies share blocks with the original where the file
 * system can; where it cannot, files over 10 GB are only linked.
 *
 * @throws the system error or StoreError when the data cannot be read or copied; the reason of `signal` when that is
 *   aborted
 */
export async function copyInput(
  store: ArtifactStore,
  source: InputSource,
  target: string,
  signal: AbortSignal,
): Promise<LinkedFiles> {
  if (source.kind === 'directory') return copyDirectory(source.path, target, [], signal);
  await copyPrefix(store, source.key, target, signal);
  return [];
}

/** Follows links, since data is often linked into place; a link back to a directory above is left out. */
async function copyDirectory(
  from: string,
  to: string,
  above: readonly string[],
  signal: AbortSignal,
): Promise<LinkedFiles> {
  const real = await realpath(from);
  if (above.includes(real)) return [];
  await mkdir(to);
  const linked: string[] = [];
  for (const name of await readdir(from)) {
    signal.throwIfAborted();
    const [source, target] = [path.join(from, name), path.join(to, name)];
    const status = await stat(source);
    if (status.isDirectory()) linked.push(...(await copyDirectory(source, target, [...above, real], signal)));
    else if (status.isFile()) linked.push(...(await copyReadOnly(source, target, status.size)));
  }
  await chmod(to, 0o555);
  return linked;
}

async function copyReadOnly(source: string, target: string, bytes: number): Promise<LinkedFiles> {
  if (bytes <= LARGEST_COPY) {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  } else if (!(await sharesBlocks(source, target))) {
    const real = await realpath(source);
    await symlink(real, target);
    return [real];
  }
  await chmod(target, 0o444);
  return [];
}

async function sharesBlocks(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    await rm(target, { force: true });
    return false;
  }
}

/** A store knows no directories: what has something below it is one. */
async function copyPrefix(store: ArtifactStore, prefix: string, to: string, signal: AbortSignal): Promise<void> {
  await mkdir(to);
  for (const name of await store.list(prefix)) {
    signal.throwIfAborted();
    const [key, target] = [`${prefix}/${name}`, path.join(to, name)];
    if ((await store.list(key)).length > 0) await copyPrefix(store, key, target, signal);
    else if (await store.readFile(key, target)) await chmod(target, 0o444);
  }
  await chmod(to, 0o555);
}
