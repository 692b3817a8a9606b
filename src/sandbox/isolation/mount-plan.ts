import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** One thing that a sandbox shows at `path`. */
export type Mount =
  /** A file or directory of this machine; `source` is without links. */
  | { readonly kind: 'read-only' | 'writable'; readonly source: string; readonly path: string }
  /** A symbolic link. */
  | { readonly kind: 'link'; readonly target: string; readonly path: string }
  /** An empty directory in place of what lies there. */
  | { readonly kind: 'hidden'; readonly path: string };

/**
 * Puts mounts into the order in which they can be made, directories before what lies below them, and adds an empty
 * directory wherever one of `hidden` would be visible in another mount. What is mounted below a hidden directory, or at
 * its very place, is shown all the same.
 */
export async function planMounts(mounts: readonly Mount[], hidden: readonly string[]): Promise<readonly Mount[]> {
  const named = new Set(mounts.map((mount) => mount.path));
  const covers = new Set<string>();
  for (const directory of await existing(hidden)) {
    for (const mount of mounts) {
      if (mount.kind !== 'read-only' || !isBelow(directory, mount.source)) continue;
      const seen = path.join(mount.path, path.relative(mount.source, directory));
      if (!named.has(seen)) covers.add(seen);
    }
  }
  const planned: readonly Mount[] = [...mounts, ...[...covers].map((seen): Mount => ({ kind: 'hidden', path: seen }))];
  return [...planned].sort((a, b) => depth(a.path) - depth(b.path));
}

/** The bind of what is at `shown` on this machine, at that path; null when there is nothing. */
export async function readOnlyAt(shown: string): Promise<Mount | null> {
  const source = await realpath(shown).catch(() => null);
  return source === null ? null : { kind: 'read-only', source, path: shown };
}

/** Whether `inner` lies below `outer`, or is the same. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || isBelow(inner, outer);
}

function isBelow(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep) && inner !== outer;
}

async function existing(directories: readonly string[]): Promise<string[]> {
  const found = await Promise.all(directories.map((directory) => realpath(directory).catch(() => null)));
  return found.filter((directory) => directory !== null);
}

function depth(directory: string): number {
  return directory.split(path.sep).filter((part) => part !== '').length;
}
