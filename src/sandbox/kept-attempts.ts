import { chmod, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../store/store-error';

/** Below COPPICE_HOME: what runs with `keep` leave of their scripts' working directories. */
const KEPT = 'kept';

/** Where the working directories of a run's scripts stay that asked for it. */
export function keptDirectory(home: string, runId: string): string {
  return path.join(home, KEPT, runId);
}

/** Where a recorded attempt's directory stays. */
export function keptAttemptDirectory(home: string, runId: string, attemptDirectory: string): string {
  return path.join(keptDirectory(home, runId), path.basename(attemptDirectory));
}

/** Moves the directory of a script that has ended out of the way of all cleaning. One that is gone already is no fault. */
export async function keepAttempt(attemptDirectory: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  try {
    // A script may have taken away the right to write, without which a directory cannot be moved.
    await chmod(attemptDirectory, 0o755);
    await rename(attemptDirectory, target);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
