import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess } from '../sandbox/process-identity';
import type { ProcessIdentity } from '../sandbox/process-identity';
import { createHealthCheck } from './health';
import type { PortPair } from './ports';
import { databaseFile, serverFiles } from './server-files';
import { pickEnvironment, spawnDetached } from './spawn-detached';
import { listensOn } from './tcp-sockets';
import type { TemporalCli } from './temporal-cli';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Longest a start may take, in milliseconds; on an idle machine it takes about one second. */
const START_LIMIT_MS = 90_000;
const POLL_MS = 100;
const CALL_DEADLINE_MS = 2000;

/** How much of the log's end goes into an error. */
const LOG_TAIL_BYTES = 2000;

/** What the server needs of the environment; keys of model providers, among others, are none of its business. */
const SERVER_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'];

/** Without the first, the server holds every dispatched task back to 50 ms. */
const DYNAMIC_CONFIG = ['history.transferProcessorMaxPollRPS=2000'];
const SQLITE_PRAGMAS = ['journal_mode=WAL', 'synchronous=FULL'];

/** Starts the server's process, which is not ready yet; null when it ended at once. */
export async function launchServer(
  home: string,
  cli: TemporalCli,
  ports: PortPair,
  environment: Environment,
): Promise<ProcessIdentity | null> {
  return spawnDetached({
    command: cli.path,
    parameters: serverParameters(databaseFile(home, cli.version), ports, environment),
    environment: { ...pickEnvironment(environment, SERVER_VARIABLES), TEMPORAL_VERSION_CHECK_DISABLED: '1' },
    directory: home,
    log: serverFiles(home).serverLog,
  });
}

/** Waits until that very process serves the default namespace on `port`; false when it ends or takes too long. */
export async function becomesReady(server: ProcessIdentity, port: number): Promise<boolean> {
  const health = createHealthCheck(`127.0.0.1:${port}`, CALL_DEADLINE_MS);
  try {
    const end = Date.now() + START_LIMIT_MS;
    while (Date.now() < end) {
      if (!(await isSameProcess(server))) return false;
      // A foreign server may have been quicker to take the port; it must not be mistaken for ours.
      if ((await listensOn(server.pid, port)) && (await health.isServing())) return true;
      await sleep(POLL_MS);
    }
    return false;
  } finally {
    await health.close();
  }
}

/** Size of the log now, to tell later what was added. */
export async function logSize(home: string): Promise<number> {
  const stats = await stat(serverFiles(home).serverLog).catch(() => null);
  return stats?.size ?? 0;
}

/** The last of what the server wrote to its log after `offset`. */
export async function logTail(home: string, offset: number): Promise<string> {
  const size = await logSize(home);
  const length = Math.min(LOG_TAIL_BYTES, Math.max(0, size - offset));
  if (length === 0) return '';
  const log = await open(serverFiles(home).serverLog, 'r');
  try {
    const { buffer, bytesRead } = await log.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await log.close();
  }
}

function serverParameters(database: string, ports: PortPair, environment: Environment): string[] {
  const dynamicConfig = [...DYNAMIC_CONFIG, ...extraDynamicConfig(environment)];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1'],
    ...['--port', String(ports.port), '--ui-port', String(ports.uiPort)],
    ...['--db-filename', database, '--log-level', 'error'],
    ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...dynamicConfig.flatMap((pair) => ['--dynamic-config-value', pair]),
  ];
}

/** COPPICE_SERVER_DYNAMIC_CONFIG: `key=value` pairs with commas or line breaks between them. */
function extraDynamicConfig(environment: Environment): string[] {
  const pairs = (environment['COPPICE_SERVER_DYNAMIC_CONFIG'] ?? '').split(/\n|,(?=\s*[\w.]+=)/);
  return pairs.map((pair) => pair.trim()).filter((pair) => pair !== '');
}
