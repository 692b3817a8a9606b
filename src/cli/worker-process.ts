import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry, NativeConnection } from '@temporalio/worker';
import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { readHostId } from '../sandbox/host-id';
import type { Isolations } from '../sandbox/isolation/choose-isolation';
import { countOthers } from '../sandbox/survivors';
import { WatchedScripts } from '../sandbox/watched-scripts';
import { parseMinFree } from '../store/disk-space';
import { createDirectoryStore } from '../store/directory-store';
import type { Redactor } from '../store/redaction/redactor';
import { chainAsker } from '../workers/ask-chain';
import { startCaretaker } from '../workers/caretaker';
import type { ResolvedConnection } from '../workers/connect';
import { openNativeConnection } from '../workers/connect-native';
import type { WorkerRole } from '../workers/create-workers';
import { createWorkers } from '../workers/create-workers';
import type { ModelEndpoint } from '../workers/model-endpoints';
import { readModelEndpoints, withEndpoints } from '../workers/model-endpoints';
import type { Settings } from '../workers/settings';
import { workerActivities } from '../workers/worker-activities';
import { settingsRedactor } from '../workers/settings-redactor';
import { openWorkerIsolations } from '../workers/worker-isolations';
import { wrongInput } from './command-failure';

/** The workers of this process at work. */
export interface WorkerProcess {
  readonly taskQueues: readonly string[];
  /** Resolves when all have ended after `shutdown`; rejects when one of them fails. */
  readonly ended: Promise<void>;
  /** Lines on endpoints that this process was told of but cannot reach. */
  readonly notes: readonly string[];
  /** What this process isolates scripts by. */
  readonly isolations: () => Promise<Isolations>;
  /** Takes no new work; scripts that run go on without this process. */
  shutdown(): void;
}

/**
 * Starts this process's workers. Signals are the caller's to handle.
 *
 * @param ownEndpoints endpoints to poll besides those that the environment names
 * @throws ServerError when the server does not answer, ModelProblem when an endpoint is described wrongly
 */
export async function startWorkerProcess(
  settings: Settings,
  resolved: ResolvedConnection,
  role: WorkerRole,
  ownEndpoints: readonly string[] = [],
): Promise<WorkerProcess> {
  requireMinFree(settings);
  const endpoints = await readModelEndpoints(settings.environment);
  const own = ownEndpoints.map((name): ModelEndpoint => ({ name, requestsPerMinute: null }));
  const modelEndpoints = withEndpoints(endpoints.reached, own);
  const notes = endpoints.keyless
    .filter(({ name }) => !modelEndpoints.some((endpoint) => endpoint.name === name))
    .map(({ name, keyVariable }) => `makes no calls to ${name}: ${keyVariable} is not set here`);
  const redactor = settingsRedactor(settings, endpoints.keyVariables);
  installRuntime(settings.home, redactor);
  const connection = await openNativeConnection(resolved);
  try {
    return { ...(await startWorkers({ settings, resolved, role, connection, modelEndpoints, redactor })), notes };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** @throws CommandFailure (exit 2) when COPPICE_MIN_FREE cannot be understood */
function requireMinFree({ environment }: Settings): void {
  const text = environment['COPPICE_MIN_FREE']?.trim() ?? '';
  if (text === '' || parseMinFree(text) !== null) return;
  throw wrongInput(
    'COPPICE_MIN_FREE is neither a size nor a share: give one such as 10GB or 5%, or 0 for no look at all',
  );
}

interface Start {
  readonly settings: Settings;
  readonly resolved: ResolvedConnection;
  readonly role: WorkerRole;
  readonly connection: NativeConnection;
  readonly modelEndpoints: readonly ModelEndpoint[];
  readonly redactor: Redactor;
}

async function startWorkers(start: Start): Promise<Omit<WorkerProcess, 'notes'>> {
  const { settings, resolved, role, connection, modelEndpoints, redactor } = start;
  const { home, slots, environment } = settings;
  const { namespace, embedded } = resolved;
  const hostId = await readHostId(environment);
  const store = createDirectoryStore(settings.store);
  const watched = new WatchedScripts();
  const askChain = chainAsker(connection, namespace);
  const isolations = once(() => openWorkerIsolations(settings));
  const runsScripts = role === 'all' || role === 'exec';
  if (runsScripts) await isolations();
  const workers = await createWorkers({
    connection,
    namespace,
    activities: await workerActivities(settings, {
      embedded,
      hostId,
      store,
      watched,
      askChain,
      isolations,
      modelEndpoints,
      redactor,
    }),
    role,
    hostId,
    scripts: { slots, countOthers: () => countOthers(home, watched) },
    modelEndpoints,
    redactor,
  });
  const caretaker = runsScripts ? startCaretaker({ store, home, watched, askChain }) : null;
  // The process stays as long as the connection is open.
  const ended = workers.run().finally(async () => {
    await caretaker?.stop();
    await connection.close();
  });
  // Whoever waits for the end learns of a failure; until somebody does, it must not end the process.
  ended.catch(() => undefined);
  return { taskQueues: workers.taskQueues, ended, isolations, shutdown: () => workers.shutdown() };
}

/** The file that Temporal's own warnings go to, so that they do not drown the progress of a run. */
export function workerLogFile(home: string): string {
  return path.join(home, 'logs', 'worker.log');
}

function installRuntime(home: string, redactor: Redactor): void {
  const file = workerLogFile(home);
  mkdirSync(path.dirname(file), { recursive: true });
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => appendFileSync(file, redactor.redact(logLine(entry)))),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
    shutdownSignals: [],
  });
}

function logLine({ level, timestampNanos, message, meta }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const details = meta === undefined ? '' : ` ${JSON.stringify(meta, describeErrors)}`;
  return `${time} ${level} pid ${process.pid} ${message}${details}\n`;
}

function describeErrors(_key: string, value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'bigint' ? String(value) : value;
}

/** The promise of the first call, for every call. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => (made ??= make());
}
