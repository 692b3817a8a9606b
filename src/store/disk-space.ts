import { lstat, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { byteSizeSchema } from '../domain/byte-size';
import { errorCode } from './store-error';

/** A file system's room for processes without special rights; bytes. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export type ReadDiskSpace = (directory: string) => Promise<DiskSpace>;

/** The room that has to stay free, given the size of the file system; bytes. */
export type MinFree = (totalBytes: number) => number;

/** Least free space unless COPPICE_MIN_FREE says otherwise: 2 GB, but of a small disk not more than a twentieth. */
const MIN_FREE_BYTES = 2e9;
const MIN_FREE_SHARE = 0.05;

const DIRECTORIES_AT_ONCE = 16;

/** The room where a directory lies, or would be made. */
export async function readDiskSpace(directory: string): Promise<DiskSpace> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    const parent = path.dirname(directory);
    const code = errorCode(error);
    if ((code === 'ENOENT' || code === 'ENOTDIR') && parent !== directory) return readDiskSpace(parent);
    throw error;
  }
}

/**
 * Reads a value of COPPICE_MIN_FREE: a size such as `10GB`, a share such as `5%`, or `0` for no look at all.
 *
 * @param text null for the default
 * @returns null when it cannot be understood
 */
export function parseMinFree(text: string | null): MinFree | null {
  if (text === null) return (totalBytes) => Math.min(MIN_FREE_BYTES, totalBytes * MIN_FREE_SHARE);
  if (text.trim() === '0') return () => 0;
  const share = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
  if (share !== null) {
    const part = Number(share[1]) / 100;
    return part <= 1 ? (totalBytes) => totalBytes * part : null;
  }
  const bytes = byteSizeSchema.safeParse(text);
  return bytes.success ? () => bytes.data : null;
}

/** What a file, or a directory with all below it, fills on its disk, in bytes; links are not followed. */
export async function diskUsage(place: string): Promise<number> {
  const waiting = [place];
  let bytes = 0;
  while (waiting.length > 0) {
    const batch = await Promise.all(waiting.splice(-DIRECTORIES_AT_ONCE).map(usageOfOne));
    for (const one of batch) {
      bytes += one.bytes;
      for (const directory of one.directories) waiting.push(directory);
    }
  }
  return bytes;
}

/** A directory's own files; what goes away meanwhile counts nothing. */
async function usageOfOne(place: string): Promise<{ readonly bytes: number; readonly directories: string[] }> {
  const status = await lstat(place).catch(orGone);
  if (status === null) return { bytes: 0, directories: [] };
  let bytes = allocated(status);
  if (!status.isDirectory()) return { bytes, directories: [] };
  const directories: string[] = [];
  for (const entry of (await readdir(place, { withFileTypes: true }).catch(orGone)) ?? []) {
    const name = path.join(place, entry.name);
    if (entry.isDirectory()) {
      directories.push(name);
    } else {
      const file = await lstat(name).catch(orGone);
      bytes += file === null ? 0 : allocated(file);
    }
  }
  return { bytes, directories };
}

function allocated({ blocks }: { readonly blocks: number }): number {
  return blocks * 512;
}

function orGone(error: unknown): null {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
  throw error;
}
