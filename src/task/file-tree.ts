import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { lookAt, pathProblem } from './task-problem';

/** One entry of a directory tree; `path` is relative to the root, with forward slashes. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly path: string; readonly absolute: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly absolute: string; readonly problem: string };

interface Place {
  readonly path: string;
  readonly absolute: string;
}

/**
 * The files below a directory, nearest to the root first and sorted by name within a directory. Links are followed,
 * each directory is visited once; hidden entries, sockets and the like are passed over.
 *
 * @throws the system's error when the root itself cannot be listed
 */
export async function* walkFiles(root: string): AsyncGenerator<TreeEntry> {
  const visited = new Set<string>();
  const queue: Place[] = [{ path: '', absolute: root }];
  for (let directory = queue.shift(); directory !== undefined; directory = queue.shift()) {
    const real = await realpath(directory.absolute);
    if (visited.has(real)) continue;
    visited.add(real);
    const entries = await list(directory);
    if (typeof entries === 'string') {
      yield { kind: 'unreadable', ...directory, problem: entries };
      continue;
    }
    for (const entry of entries) {
      const place = childOf(directory, entry.name);
      const found = await classify(entry, place);
      if (found === 'directory') queue.push(place);
      else if (found !== null) yield found;
    }
  }
}

/** The entries to visit, or why there are none. */
async function list(directory: Place): Promise<Dirent[] | string> {
  try {
    const entries = await readdir(directory.absolute, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    const problem = pathProblem(error);
    if (directory.path === '' || problem === null) throw error;
    return problem;
  }
}

function childOf(directory: Place, name: string): Place {
  return {
    path: directory.path === '' ? name : `${directory.path}/${name}`,
    absolute: path.join(directory.absolute, name),
  };
}

async function classify(entry: Dirent, place: Place): Promise<TreeEntry | 'directory' | null> {
  if (entry.isFile()) return { kind: 'file', ...place };
  if (entry.isDirectory()) return 'directory';
  if (!entry.isSymbolicLink()) return null;
  const state = await lookAt(place.absolute);
  if (!state.ok) return { kind: 'unreadable', ...place, problem: state.problem };
  if (state.stats.isDirectory()) return 'directory';
  return state.stats.isFile() ? { kind: 'file', ...place } : null;
}
