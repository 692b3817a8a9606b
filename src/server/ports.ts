import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from './server-error';

export interface PortPair {
  readonly port: number;
  readonly uiPort: number;
}

/** Temporal's own default port. */
const DEFAULT_PORT = 7233;

/** The Web UI's port lies this far above, as it does by default. */
const UI_DISTANCE = 1000;

const HIGHEST_PORT = 65_535;

const CLOSING_MS = 1500;
const POLL_MS = 100;

/** The port to begin with, from COPPICE_SERVER_PORT; Temporal's own default when it is not set to a port. */
export function firstPort(environment: Readonly<Record<string, string | undefined>>): number {
  const port = Number(environment['COPPICE_SERVER_PORT']);
  return Number.isInteger(port) && port > 0 && port <= HIGHEST_PORT - UI_DISTANCE ? port : DEFAULT_PORT;
}

/**
 * The ports for a server that is to be started. A port that was asked for by number (`named`) is taken or refused;
 * else the one of the server that was there before (`earlier`), so that workers and printed addresses stay right;
 * else `first`, which is 7233 unless COPPICE_SERVER_PORT says otherwise; else the next free ones.
 *
 * @throws ServerError `port_taken` when the named port is in use.
 */
export async function choosePorts(wish: {
  readonly named: number | undefined;
  readonly earlier: number | undefined;
  readonly first?: number;
}): Promise<PortPair> {
  if (wish.named !== undefined) {
    if (!(await isFreeSoon(wish.named))) throw portTaken(wish.named);
    return withUiPort(wish.named);
  }
  if (wish.earlier !== undefined && (await isFreeSoon(wish.earlier))) return withUiPort(wish.earlier);
  for (let port = wish.first ?? DEFAULT_PORT; port <= HIGHEST_PORT - UI_DISTANCE; port += 1) {
    const uiPort = port + UI_DISTANCE;
    if ((await isPortFree(port)) && (await isPortFree(uiPort))) return { port, uiPort };
  }
  throw new ServerError('port_taken', 'No two free ports are left on 127.0.0.1 for the Temporal server.');
}

function portTaken(port: number): ServerError {
  return new ServerError(
    'port_taken',
    `Port ${port} on 127.0.0.1 is used by another program, so the Temporal server cannot start there. ` +
      'Name another port, or none to take the next free one.',
  );
}

/**
 * Whether a server could listen on 127.0.0.1 and be what `localhost` reaches. Binding alone does not tell on every
 * system: a listener on all addresses, or on ::1 only, may leave 127.0.0.1 open to a second one.
 */
export async function isPortFree(port: number): Promise<boolean> {
  return !(await answers('127.0.0.1', port)) && !(await answers('::1', port)) && (await canListen(port));
}

/** A killed process may count as gone a moment before the system has closed its sockets. */
async function isFreeSoon(port: number): Promise<boolean> {
  for (let waited = 0; waited < CLOSING_MS; waited += POLL_MS) {
    if (await isPortFree(port)) return true;
    await sleep(POLL_MS);
  }
  return isPortFree(port);
}

async function withUiPort(port: number): Promise<PortPair> {
  for (let uiPort = port + UI_DISTANCE; uiPort <= HIGHEST_PORT; uiPort += 1) {
    if (await isPortFree(uiPort)) return { port, uiPort };
  }
  return { port, uiPort: await anyFreePort() };
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1000, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
