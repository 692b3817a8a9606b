import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactStore } from '../store/artifact-store';
import { errorCode } from '../store/store-error';
import { openInside } from './open-inside';

/** What is kept of one script besides its submission, at most. */
const MOST_BYTES = 1e9;
const MOST_FILES = 10_000;

/** Where declared outputs lie and where they go. */
export interface OutputsPlace {
  readonly store: ArtifactStore;
  /** Key below which they are stored. */
  readonly key: string;
  /** The script's directory. */
  readonly directory: string;
}

interface OutputFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Stores what a task wants kept of a script: files, and all files below directories. What is missing is passed over, as
 * are links, pipes and other things that are no files of the script's own.
 *
 * @param names relative to the script's directory
 * @returns null, or why nothing was stored: one sentence for people
 * @throws StoreError when a file cannot be stored
 */
export async function storeOutputs(place: OutputsPlace, names: readonly string[]): Promise<string | null> {
  const files = new Map<string, OutputFile>();
  for (const name of names) {
    for await (const file of filesAt(place.directory, name)) {
      files.set(file.name, file);
      if (files.size > MOST_FILES) return `it left more than ${MOST_FILES} files where the task keeps them`;
    }
  }
  const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > MOST_BYTES) {
    return `what the task keeps of it has ${(bytes / 1e9).toFixed(1)} GB, at most ${MOST_BYTES / 1e9} GB are kept`;
  }
  for (const { name } of files.values())
    await place.store.writeFile(`${place.key}/${name}`, path.join(place.directory, name));
  return null;
}

async function* filesAt(directory: string, name: string): AsyncGenerator<OutputFile> {
  if (!isKeepable(name)) return;
  const opened = await openInside(directory, name);
  if (opened.status === 'open') {
    await opened.handle.close();
    yield { name, bytes: opened.bytes };
    return;
  }
  if (opened.status === 'missing' || !(await isOwnDirectory(directory, name))) return;
  for (const entry of await readdir(path.join(directory, name)).catch(noneReadable)) {
    yield* filesAt(directory, `${name}/${entry}`);
  }
}

/** Names that no store key may have are a script's whim; such files are passed over. */
function isKeepable(name: string): boolean {
  return !/[\\\0\uFFFD]/.test(name) && !name.split('/').some((part) => part === '' || part.startsWith('.tmp-'));
}

/** Whether a directory lies there that is reached without any link. */
async function isOwnDirectory(directory: string, name: string): Promise<boolean> {
  const place = path.join(directory, name);
  const real = await realpath(place).catch(() => null);
  return real === path.join(await realpath(directory), name) && (await lstat(place)).isDirectory();
}

function noneReadable(error: unknown): string[] {
  if (errorCode(error) === 'EACCES' || errorCode(error) === 'ENOTDIR') return [];
  throw error;
}
