import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The directory of the lock files by which all workers of a user on a host share its slots and GPUs, whatever their
 * COPPICE_HOME. COPPICE_LEASES sets it.
 *
 * @throws Error when what lies there belongs to somebody else; the system error when it cannot be made
 */
export async function openLeaseDirectory(
  environment: Readonly<Record<string, string | undefined>>,
  hostId: string,
): Promise<string> {
  const given = environment['COPPICE_LEASES'];
  const directory = path.resolve(given !== undefined && given !== '' ? given : defaultDirectory(hostId));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const status = await lstat(directory);
  // The temporary directory is everybody's, and whoever owns a lock file can hold it for good.
  if (!status.isDirectory() || status.uid !== userId()) {
    throw new Error(`${directory} belongs to somebody else; name a directory of yours by COPPICE_LEASES`);
  }
  await chmod(directory, 0o700);
  return directory;
}

/** A host's workers may see one temporary directory from several containers; their processes are not the same. */
function defaultDirectory(hostId: string): string {
  const host = createHash('sha256').update(hostId).digest('hex').slice(0, 8);
  return path.join(tmpdir(), `coppice-leases-${userId()}-${host}`);
}

function userId(): number {
  return process.getuid?.() ?? 0;
}
