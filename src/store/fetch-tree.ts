import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactStore } from './artifact-store';

/** Keys of all files below a prefix, sorted; empty when there is nothing. */
export async function listTree(store: ArtifactStore, prefix: string): Promise<string[]> {
  const keys = [];
  for (const name of await store.list(prefix)) {
    const below = await listTree(store, `${prefix}/${name}`);
    keys.push(...(below.length > 0 ? below : [`${prefix}/${name}`]));
  }
  return keys;
}

/**
 * Copies everything below a prefix into a local directory, replacing files that are there.
 *
 * @throws StoreError when something cannot be read; the system's error when it cannot be written
 */
export async function fetchTree(store: ArtifactStore, prefix: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const key of await listTree(store, prefix)) {
    const target = path.join(directory, key.slice(prefix.length + 1));
    await mkdir(path.dirname(target), { recursive: true });
    await rm(target, { force: true });
    await store.readFile(key, target);
  }
}
