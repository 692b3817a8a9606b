import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorCode } from '../store/store-error';
import { controlDirectory } from './attempts';

/** A lock not refreshed for this long belongs to a watcher that was killed, in milliseconds. */
const STALE_MS = 10_000;

const LOOK_MS = 200;

/**
 * Runs `action` while no other watcher of the attempt, in whatever process, does the same.
 *
 * @throws the system error `ENOENT` when the attempt is not there any more
 */
export async function oneAtATime<Result>(attemptDirectory: string, action: () => Promise<Result>): Promise<Result> {
  const release = await acquire(controlDirectory(attemptDirectory));
  // The attempt, and the lock with it, is removed by whoever is first.
  return action().finally(() => release().catch(() => undefined));
}

/** The library's own retries go on after any error: also for a directory that is gone for good. */
async function acquire(control: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await lock(control, {
        lockfilePath: path.join(control, 'recording.lock'),
        realpath: false,
        stale: STALE_MS,
        onCompromised: () => undefined,
      });
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw error;
    }
    await sleep(LOOK_MS);
  }
}
