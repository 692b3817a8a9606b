import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { mapBounded } from '../store/map-bounded';
import { errorCode } from '../store/store-error';

/** Files up to this size are hashed whole, in bytes. */
const HASHED_WHOLE = 64 * 2 ** 20;

/** Of larger ones, this many blocks of this size, spread evenly from the first byte to the last. */
const SAMPLES = 64;
const SAMPLE_BYTES = 256 * 1024;

const FILES_AT_ONCE = 16;

const fileMarkSchema = z.object({
  /** Below the directory, with forward slashes. */
  path: z.string(),
  bytes: z.number(),
  modifiedMs: z.number(),
  /** Last change of content or permissions, which a script cannot set back. */
  changedMs: z.number(),
  /** SHA-256 of size and content, or of samples of it when it is large. */
  hash: z.string(),
});
type FileMark = z.infer<typeof fileMarkSchema>;

/** What tells whether a directory's files are still what they were; sorted by path. */
export const dataFingerprintSchema = z.array(fileMarkSchema);
export type DataFingerprint = z.infer<typeof dataFingerprintSchema>;

/**
 * Looks at every file below a directory, links followed, and at the content of each.
 *
 * @throws the system error when something cannot be read; the reason of `signal` when that is aborted
 */
export async function fingerprintData(directory: string, signal: AbortSignal): Promise<DataFingerprint> {
  const names = await listFiles(directory, '', signal);
  return mapBounded(names, FILES_AT_ONCE, async (name) => {
    signal.throwIfAborted();
    const file = path.join(directory, name);
    const { size, mtimeMs, ctimeMs } = await stat(file);
    return { path: name, bytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs, hash: await hashFile(file, size) };
  });
}

/**
 * Says what differs now, or null when nothing does. Content is read again only where the times say that somebody
 * touched a file, so that this is cheap for data of any size.
 *
 * @returns such as `train.csv has 12 bytes instead of 10`
 * @throws the system error when something cannot be read; the reason of `signal` when that is aborted
 */
export async function findChange(
  directory: string,
  fingerprint: DataFingerprint,
  signal: AbortSignal,
): Promise<string | null> {
  const names = new Set(await listFiles(directory, '', signal));
  const known = new Set(fingerprint.map((mark) => mark.path));
  for (const name of names) {
    if (!known.has(name)) return `${name} is new`;
  }
  const changes = await mapBounded(fingerprint, FILES_AT_ONCE, async (mark) => {
    signal.throwIfAborted();
    return names.has(mark.path) ? changeOf(directory, mark) : `${mark.path} is gone`;
  });
  return changes.find((change) => change !== null) ?? null;
}

/** The first file whose content differs between two fingerprints of what should be the same data, or null. */
export function findDifference(one: DataFingerprint, other: DataFingerprint): string | null {
  const hashes = new Map(other.map((mark) => [mark.path, mark.hash]));
  const different = one.find((mark) => hashes.get(mark.path) !== mark.hash);
  if (different !== undefined) return different.path;
  const known = new Set(one.map((mark) => mark.path));
  return other.find((mark) => !known.has(mark.path))?.path ?? null;
}

async function changeOf(directory: string, mark: FileMark): Promise<string | null> {
  const file = path.join(directory, mark.path);
  const status = await stat(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (status === null) return `${mark.path} is gone`;
  if (status.size !== mark.bytes) return `${mark.path} has ${status.size} bytes instead of ${mark.bytes}`;
  if (status.mtimeMs === mark.modifiedMs && status.ctimeMs === mark.changedMs) return null;
  return (await hashFile(file, status.size)) === mark.hash ? null : `${mark.path} has other content`;
}

async function listFiles(directory: string, below: string, signal: AbortSignal): Promise<string[]> {
  signal.throwIfAborted();
  const files: string[] = [];
  for (const name of (await readdir(path.join(directory, below))).sort()) {
    const relative = path.posix.join(below, name);
    const status = await stat(path.join(directory, relative)).catch(() => null);
    if (status?.isDirectory() === true) files.push(...(await listFiles(directory, relative, signal)));
    else if (status?.isFile() === true) files.push(relative);
  }
  return files;
}

async function hashFile(file: string, bytes: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256').update(`${bytes} `);
    const block = Buffer.alloc(SAMPLE_BYTES);
    for (const position of positionsOf(bytes)) {
      const { bytesRead } = await handle.read(block, 0, SAMPLE_BYTES, position);
      hash.update(block.subarray(0, bytesRead));
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** Where the blocks begin that are read of a file. */
function positionsOf(bytes: number): number[] {
  const whole = bytes <= HASHED_WHOLE;
  const count = whole ? Math.ceil(bytes / SAMPLE_BYTES) : SAMPLES;
  const step = whole ? SAMPLE_BYTES : (bytes - SAMPLE_BYTES) / (SAMPLES - 1);
  return Array.from({ length: count }, (_, index) => Math.floor(index * step));
}
