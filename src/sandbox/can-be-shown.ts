import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isWithin } from './isolation/mount-plan';

/**
 * Whether a directory can be shown as it is: no link in it leads out of it, where a sandbox has nothing, and whoever
 * has no special rights can read all of it.
 *
 * @throws the system error when it cannot be looked through; the reason of `signal` when that is aborted
 */
export async function canBeShown(directory: string, signal: AbortSignal): Promise<boolean> {
  const root = await realpath(directory);
  const look = async (current: string): Promise<boolean> => {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      signal.throwIfAborted();
      const place = path.join(current, entry.name);
      if (entry.isSymbolicLink() && !(await staysWithin(place, root))) return false;
      if (!entry.isSymbolicLink() && !(await isReadable(place))) return false;
      if (entry.isDirectory() && !(await look(place))) return false;
    }
    return true;
  };
  return (await isReadable(root)) && look(root);
}

/** An absolute link leads nowhere once its directory appears under another name. */
async function staysWithin(link: string, root: string): Promise<boolean> {
  if (path.isAbsolute(await readlink(link))) return false;
  const real = await realpath(link).catch(() => null);
  return real !== null && isWithin(real, root);
}

/** A sandbox takes from root the right to read what others keep to themselves. */
async function isReadable(place: string): Promise<boolean> {
  const { uid, gid, mode } = await stat(place);
  if (uid === process.getuid?.()) return (mode & 0o400) !== 0;
  return (mode & (process.getgroups?.().includes(gid) === true ? 0o040 : 0o004)) !== 0;
}
