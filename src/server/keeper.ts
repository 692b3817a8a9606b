import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../domain/error-message';
import { isSameProcess } from '../sandbox/process-identity';
import type { ProcessIdentity } from '../sandbox/process-identity';
import { noteAlive } from './downtime';
import { endProcess } from './end-process';
import { createHealthCheck } from './health';
import type { HealthCheck } from './health';
import { lastAskedFor, readDescription, removeDescription, writeDescription } from './server-description';
import type { ServerDescription } from './server-description';
import { ifServerUnlocked } from './server-lock';
import { createUseDetector } from './server-use';
import { tcpSockets } from './tcp-sockets';

const ROUND_MS = 2000;
const HEALTH_DEADLINE_MS = 1500;
const END_GRACE_MS = 15_000;

/** How long whoever started the keeper may take to name it in `server.json`, in milliseconds. */
const NAMING_LIMIT_MS = 10_000;

export interface KeeperWish {
  readonly home: string;
  /** This process. */
  readonly self: ProcessIdentity;
  /** Time without use after which a server started on demand is ended, in milliseconds. */
  readonly idleMs: number;
  readonly report: (message: string) => void;
}

/**
 * Watches over the embedded server of `home` until it is gone or another keeper has taken over: notes that it is
 * alive, counts how long it was not, and ends it when it was started on demand and nobody uses it.
 */
export async function keepServer(wish: KeeperWish): Promise<void> {
  const first = await waitUntilNamed(wish);
  if (first === null) return;
  const health = createHealthCheck(first.address, HEALTH_DEADLINE_MS);
  try {
    await watch(first, health, wish);
  } finally {
    await health.close();
  }
}

async function watch(server: ServerDescription, health: HealthCheck, wish: KeeperWish): Promise<void> {
  const isUsed = createUseDetector(server.pid, wish.self.pid);
  let sight: 'first' | 'again' = 'first';
  let lastUse = Date.now();
  for (;;) {
    try {
      const current = await ownServer(wish);
      if (current === null || !(await isSameProcess(server))) return;
      if (await health.isAlive()) {
        await noteAlive(wish.home, server, sight);
        sight = 'again';
      }
      if (isUsed(await tcpSockets([server.pid, wish.self.pid]))) lastUse = Date.now();
      lastUse = Math.max(lastUse, await lastAskedFor(wish.home));
      if (current.startedBy === 'demand' && Date.now() - lastUse > wish.idleMs) await endUnused(lastUse, wish);
    } catch (error) {
      // A full disk, say. The server itself may do well, and the next round may too.
      wish.report(errorMessage(error));
    }
    await sleep(ROUND_MS);
  }
}

/** Ends the server unless somebody has asked for it in the meantime. */
async function endUnused(lastUse: number, wish: KeeperWish): Promise<void> {
  await ifServerUnlocked(wish.home, async () => {
    const current = await ownServer(wish);
    if (current?.startedBy !== 'demand' || (await lastAskedFor(wish.home)) > lastUse) return;
    await writeDescription(wish.home, { ...current, state: 'stopping' });
    await endProcess(current, END_GRACE_MS);
    await removeDescription(wish.home);
  });
}

async function waitUntilNamed(wish: KeeperWish): Promise<ServerDescription | null> {
  const end = Date.now() + NAMING_LIMIT_MS;
  while (Date.now() < end) {
    const server = await ownServer(wish);
    if (server !== null) return server;
    await sleep(100);
  }
  return null;
}

/** The description of the server, if it names this keeper. */
async function ownServer(wish: KeeperWish): Promise<ServerDescription | null> {
  const description = await readDescription(wish.home);
  const named = description?.keeper;
  return named?.pid === wish.self.pid && named.startTime === wish.self.startTime ? description : null;
}
