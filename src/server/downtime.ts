import { stat, utimes } from 'node:fs/promises';
import { z } from 'zod';
import type { ProcessIdentity } from '../sandbox/process-identity';
import { hasCode } from './error-code';
import { readRecord, writeRecord } from './json-record';
import { processIdentitySchema } from './server-description';
import { serverFiles } from './server-files';

/** A longer time between two signs of life counts as downtime in full, in milliseconds. */
const LONGEST_GAP_MS = 10_000;

const downtimeSchema = z.object({
  totalMs: z.number().min(0),
  /** End of the last counted gap, in milliseconds since the epoch, so that a crash cannot make it count twice. */
  countedUntil: z.number(),
});
type Downtime = z.infer<typeof downtimeSchema>;

const NEVER_DOWN: Downtime = { totalMs: 0, countedUntil: 0 };

/**
 * Milliseconds the embedded server of `home` has been down, suspended or asleep in all its life, an outage that still
 * lasts included. 0 when there has never been one.
 */
export async function readDownMs(home: string): Promise<number> {
  const lastAlive = await lastAliveAt(home);
  const counted = await readDowntime(home);
  return lastAlive === null ? counted.totalMs : withGap(counted, lastAlive, Date.now()).totalMs;
}

/**
 * Notes that `server` is alive now and counts the time since it, or its predecessor, was last seen alive.
 *
 * @param sight `first` when a new keeper sees the server for the first time: if it is the very process that was seen
 *   last, then it was the keeper that was away and not the server.
 */
export async function noteAlive(home: string, server: ProcessIdentity, sight: 'first' | 'again'): Promise<void> {
  const { alive, downtime } = serverFiles(home);
  const lastAlive = await lastAliveAt(home);
  const lastSeen = await readRecord(alive, processIdentitySchema);
  const isSame = lastSeen !== null && isEqual(lastSeen, server);
  const now = Date.now();
  if (lastAlive !== null && !(isSame && sight === 'first')) {
    const before = await readDowntime(home);
    const after = withGap(before, lastAlive, now);
    if (after !== before) await writeRecord(downtime, after);
  }
  if (isSame) await utimes(alive, new Date(now), new Date(now));
  else await writeRecord(alive, { pid: server.pid, startTime: server.startTime, bootId: server.bootId });
}

function withGap(counted: Downtime, lastAlive: number, now: number): Downtime {
  if (now - lastAlive <= LONGEST_GAP_MS) return counted;
  const gap = now - Math.max(lastAlive, counted.countedUntil);
  return gap <= 0 ? counted : { totalMs: counted.totalMs + gap, countedUntil: now };
}

async function readDowntime(home: string): Promise<Downtime> {
  return (await readRecord(serverFiles(home).downtime, downtimeSchema)) ?? NEVER_DOWN;
}

async function lastAliveAt(home: string): Promise<number | null> {
  const stats = await stat(serverFiles(home).alive).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  return stats?.mtimeMs ?? null;
}

function isEqual(left: ProcessIdentity, right: ProcessIdentity): boolean {
  return left.pid === right.pid && left.startTime === right.startTime && left.bootId === right.bootId;
}
