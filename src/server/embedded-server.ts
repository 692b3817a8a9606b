import { bootId, isSameProcess } from '../sandbox/process-identity';
import { markDatabaseComplete, setIncompleteDatabaseAside } from './database';
import { noteAlive } from './downtime';
import { endProcess } from './end-process';
import { launchKeeper } from './launch-keeper';
import { becomesReady, launchServer, logSize, logTail } from './launch-server';
import type { Environment } from './launch-server';
import { choosePorts, firstPort, isPortFree } from './ports';
import type { PortPair } from './ports';
import { noteUse, readDescription, removeDescription, writeDescription } from './server-description';
import type { ServerDescription, StartedBy } from './server-description';
import { ServerError } from './server-error';
import { serverFiles } from './server-files';
import { withServerLock } from './server-lock';
import { findTemporalCli } from './temporal-cli';
import type { TemporalCli } from './temporal-cli';

export interface ServerWish {
  readonly home: string;
  /** A port named by a person, or the one workers are connected to; never replaced by another. */
  readonly port?: number;
  /** A server started by command stays until it is stopped; asking so also keeps one that was started on demand. */
  readonly startedBy: StartedBy;
  /** Default: the environment of this process. */
  readonly environment?: Environment;
}

/** Time for an orderly end before SIGKILL, in milliseconds. */
const END_GRACE_MS = 15_000;

/** Starts that may lose the race for a free port before giving up. */
const MOST_STARTS = 5;

/** Starts that may fail for another reason: the first may have been killed from outside, or been the file's fault. */
const MOST_FAILURES = 2;

/**
 * The embedded server of `home`, started when it is not there, with a keeper beside it. Of several callers at once,
 * one starts it and the others find it. Cheap when all is well, so that it can be called every few seconds.
 *
 * @throws ServerError when there is no Temporal CLI, the named port is taken, the server runs on another port than
 *   named, or it does not start (with the end of its log).
 */
export async function ensureServer(wish: ServerWish): Promise<ServerDescription> {
  const known = await readDescription(wish.home);
  if (known !== null && (await isAsWished(known, wish))) {
    await noteUse(wish.home);
    return known;
  }
  return withServerLock(wish.home, async () => {
    const recorded = await readDescription(wish.home);
    const living = recorded !== null && (await isSameProcess(recorded)) ? recorded : null;
    if (living?.state === 'ready') return adopt(living, wish);
    // Left behind by somebody killed while starting or stopping it.
    if (living !== null) await endProcess(living, END_GRACE_MS);
    return start(recorded, wish);
  });
}

/** Ends the embedded server of `home` and its keeper. Returns what was ended; null when no server was running. */
export async function stopServer(home: string): Promise<ServerDescription | null> {
  return withServerLock(home, async () => {
    const recorded = await readDescription(home);
    if (recorded === null) return null;
    const isAlive = await isSameProcess(recorded);
    await writeDescription(home, { ...recorded, state: 'stopping' });
    if (recorded.keeper !== null) await endProcess(recorded.keeper, END_GRACE_MS);
    await endProcess(recorded, END_GRACE_MS);
    await removeDescription(home);
    return isAlive ? recorded : null;
  });
}

async function isAsWished(known: ServerDescription, wish: ServerWish): Promise<boolean> {
  if (known.state !== 'ready' || known.keeper === null) return false;
  if (wish.port !== undefined && wish.port !== known.port) return false;
  if (wish.startedBy === 'command' && known.startedBy !== 'command') return false;
  return (await isSameProcess(known)) && (await isSameProcess(known.keeper));
}

async function adopt(living: ServerDescription, wish: ServerWish): Promise<ServerDescription> {
  if (wish.port !== undefined && wish.port !== living.port) {
    throw new ServerError(
      'other_port',
      `The Temporal server of ${wish.home} runs already, on port ${living.port} and not ${wish.port}. ` +
        'Leave the port out to use it, or end it first with `coppice server stop`.',
    );
  }
  const hasKeeper = living.keeper !== null && (await isSameProcess(living.keeper));
  const adopted: ServerDescription = {
    ...living,
    keeper: hasKeeper ? living.keeper : await launchKeeper(wish.home, environmentOf(wish)),
    startedBy: wish.startedBy === 'command' ? 'command' : living.startedBy,
  };
  await writeDescription(wish.home, adopted);
  return adopted;
}

/** Starts a server in the place of `earlier`, which is dead or was never there. */
async function start(earlier: ServerDescription | null, wish: ServerWish): Promise<ServerDescription> {
  const cli = await findTemporalCli(wish.home, environmentOf(wish));
  const offset = await logSize(wish.home);
  const startedBy = await startedByOf(earlier, wish);
  for (let starts = 1; starts <= MOST_STARTS; starts += 1) {
    const ports = await choosePorts({
      named: wish.port,
      earlier: earlier?.port,
      first: firstPort(environmentOf(wish)),
    });
    const ready = await startOn(ports, cli, startedBy, wish);
    if (ready !== null) return ready;
    await restoreDescription(wish.home, earlier);
    if (starts >= MOST_FAILURES && (await isPortFree(ports.port))) break;
  }
  const tail = await logTail(wish.home, offset);
  throw new ServerError(
    'start_failed',
    `The Temporal server (${cli.path}, version ${cli.version}) did not start. ` +
      `The end of ${serverFiles(wish.home).serverLog}:\n${tail === '' ? '(empty)' : tail}`,
  );
}

/** Null when the server ended, or did not become ready in time. */
async function startOn(
  ports: PortPair,
  cli: TemporalCli,
  startedBy: StartedBy,
  wish: ServerWish,
): Promise<ServerDescription | null> {
  const environment = environmentOf(wish);
  await setIncompleteDatabaseAside(wish.home, cli.version);
  const server = await launchServer(wish.home, cli, ports, environment);
  if (server === null) return null;
  const starting: ServerDescription = {
    ...server,
    state: 'starting',
    address: `127.0.0.1:${ports.port}`,
    port: ports.port,
    uiUrl: `http://127.0.0.1:${ports.uiPort}`,
    keeper: null,
    temporalCli: cli.path,
    temporalVersion: cli.version,
    startedBy,
    startedAt: new Date().toISOString(),
  };
  await writeDescription(wish.home, starting);
  if (!(await becomesReady(server, ports.port))) {
    await endProcess(server, END_GRACE_MS);
    return null;
  }
  const current = await readDescription(wish.home);
  if (current?.pid !== server.pid) {
    // This process was suspended for so long that another one took the lock and started a server of its own.
    await endProcess(server, END_GRACE_MS);
    throw new ServerError('busy', `Another process took over the Temporal server of ${wish.home}. Try again.`);
  }
  await markDatabaseComplete(wish.home, cli.version);
  await noteAlive(wish.home, server, 'again');
  const ready: ServerDescription = { ...starting, state: 'ready', keeper: await launchKeeper(wish.home, environment) };
  await writeDescription(wish.home, ready);
  return ready;
}

/** One that was to stay, and was killed, still is to stay; but not after a restart of the machine. */
async function startedByOf(earlier: ServerDescription | null, wish: ServerWish): Promise<StartedBy> {
  const wasKilled = earlier !== null && earlier.bootId === (await bootId());
  return wasKilled && earlier.startedBy === 'command' ? 'command' : wish.startedBy;
}

async function restoreDescription(home: string, earlier: ServerDescription | null): Promise<void> {
  if (earlier === null) await removeDescription(home);
  else await writeDescription(home, earlier);
}

function environmentOf(wish: ServerWish): Environment {
  return wish.environment ?? process.env;
}
