import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry } from '@temporalio/worker';
import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { OFFLINE, endpointOf, hasModelAccess } from '../llm/endpoint';
import type { ResolvedConnection } from '../workers/connect';
import { openNativeConnection } from '../workers/connect-native';
import type { WorkerRole } from '../workers/create-workers';
import { createWorkers } from '../workers/create-workers';
import type { Settings } from '../workers/settings';
import { workerActivities } from '../workers/worker-activities';

/** The workers of this process at work. */
export interface WorkerProcess {
  readonly taskQueues: readonly string[];
  /** Resolves when all have ended after `shutdown`; rejects when one of them fails. */
  readonly ended: Promise<void>;
  /** Takes no new work and ends running scripts. */
  shutdown(): void;
}

/**
 * Starts this process's workers. Signals are the caller's to handle.
 *
 * @throws ServerError when the server does not answer
 */
export async function startWorkerProcess(
  settings: Settings,
  resolved: ResolvedConnection,
  role: WorkerRole,
): Promise<WorkerProcess> {
  installRuntime(settings.home);
  const activities = await workerActivities(settings, resolved.embedded);
  const connection = await openNativeConnection(resolved);
  try {
    const workers = await createWorkers({
      connection,
      namespace: resolved.namespace,
      activities,
      role,
      slots: settings.slots,
      modelEndpoints: reachableEndpoints(settings),
    });
    // The process stays as long as the connection is open.
    const ended = workers.run().finally(() => connection.close());
    // Whoever waits for the end learns of a failure; until somebody does, it must not end the process.
    ended.catch(() => undefined);
    return { taskQueues: workers.taskQueues, ended, shutdown: () => workers.shutdown() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The file that Temporal's own warnings go to, so that they do not drown the progress of a run. */
export function workerLogFile(home: string): string {
  return path.join(home, 'logs', 'worker.log');
}

function reachableEndpoints({ environment }: Settings): string[] {
  return hasModelAccess(environment) ? [OFFLINE, endpointOf(environment)] : [OFFLINE];
}

function installRuntime(home: string): void {
  const file = workerLogFile(home);
  mkdirSync(path.dirname(file), { recursive: true });
  Runtime.install({
    logger: new DefaultLogger('WARN', (entry) => appendFileSync(file, logLine(entry))),
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
