import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStamp } from './stamp.mjs';

/**
 * Takes a lock directory, waiting as long as the process that holds it lives; it is given back at this process's exit.
 * The directory appears by a rename with its owner's name already in it, so no half-made lock exists.
 * @param {string} lock
 * @param {(owner: number) => void} onWait called once when another set-up holds it
 * @returns {Promise<() => void>} gives the lock back
 */
export async function takeLock(lock, onWait) {
  const mine = `${lock}.${process.pid}`;
  mkdirSync(path.dirname(lock), { recursive: true });
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeFileSync(path.join(mine, 'owner.json'), JSON.stringify({ pid: process.pid, host: os.hostname() }));
  try {
    let told = false;
    while (!renamed(mine, lock)) {
      const owner = readStamp(path.join(lock, 'owner.json'));
      if (owner !== undefined && isGone(owner)) {
        removeStale(lock, owner);
        continue;
      }
      if (!told && owner !== undefined) onWait(owner.pid);
      told = told || owner !== undefined;
      await sleep(200);
    }
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    throw error;
  }
  const giveBack = () => {
    if (readStamp(path.join(lock, 'owner.json'))?.pid === process.pid) rmSync(lock, { recursive: true, force: true });
  };
  process.once('exit', giveBack);
  return () => {
    process.off('exit', giveBack);
    giveBack();
  };
}

/** @param {string} from @param {string} to @returns {boolean} false when `to` is held by someone */
function renamed(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {Record<string, any>} owner */
function isGone(owner) {
  if (owner.host !== os.hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/**
 * Moves the stale lock aside first: of several waiting set-ups only one succeeds in that, and one that moved a lock
 * taken in the meantime puts it back.
 * @param {string} lock @param {Record<string, any>} stale
 */
function removeStale(lock, stale) {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = JSON.parse(readFileSync(path.join(aside, 'owner.json'), 'utf8'));
  if (moved.pid !== stale.pid && renamed(aside, lock)) return;
  rmSync(aside, { recursive: true, force: true });
}
