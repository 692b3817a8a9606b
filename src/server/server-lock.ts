import { mkdir } from 'node:fs/promises';
import { lock } from 'proper-lockfile';
import { hasCode } from './error-code';
import { ServerError } from './server-error';
import { serverFiles } from './server-files';

/** A lock not refreshed for this long belongs to a process that was killed, in milliseconds. */
const STALE_MS = 10_000;

const WAIT_STEP_MS = 150;
const WAIT_MS = 120_000;

/**
 * Runs `action` while no other process starts, adopts or stops the server of `home`; waits for its turn up to two
 * minutes.
 *
 * @throws ServerError `busy` when the turn does not come.
 */
export async function withServerLock<Result>(home: string, action: () => Promise<Result>): Promise<Result> {
  const release = await acquire(home, WAIT_MS / WAIT_STEP_MS);
  if (release === null) {
    const { lock: directory } = serverFiles(home);
    throw new ServerError(
      'busy',
      `Another process has been starting or stopping the Temporal server of ${home} for two minutes. ` +
        `If there is no such process, delete ${directory} and try again.`,
    );
  }
  return action().finally(release);
}

/** Runs `action` only when the lock is free now. */
export async function ifServerUnlocked(home: string, action: () => Promise<void>): Promise<void> {
  const release = await acquire(home, 0);
  if (release !== null) await action().finally(release);
}

async function acquire(home: string, retries: number): Promise<(() => Promise<void>) | null> {
  await mkdir(home, { recursive: true });
  // Somebody takes the lock away from a process that was suspended for long. Whoever starts a server looks at
  // server.json again before offering it, so nothing is to be done at that moment.
  const onCompromised = (): void => undefined;
  try {
    const release = await lock(home, {
      lockfilePath: serverFiles(home).lock,
      stale: STALE_MS,
      onCompromised,
      retries: { retries, factor: 1, minTimeout: WAIT_STEP_MS, maxTimeout: WAIT_STEP_MS },
    });
    return () => release().catch(onCompromised);
  } catch (error) {
    if (hasCode(error, 'ELOCKED')) return null;
    throw error;
  }
}
