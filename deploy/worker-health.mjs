/**
 * Whether the worker of this container asks the Temporal server for work: `node deploy/worker-health.mjs ROLE` ends with
 * status 0 when it did so lately, else with 1 and the reason. For the health check of a container: it looks for a poller
 * that bears this host's name.
 */
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { GRADE_TASK_QUEUE, MAIN_TASK_QUEUE, hostTaskQueue } from '../lib/domain/task-queues.js';
import { readHostId } from '../lib/sandbox/host-id.js';

/** Of `TaskQueueType`, as the server counts them. */
const ACTIVITIES = 2;

/** A poll waits for a minute; a second one must have begun by then, in milliseconds. */
const LATELY_MS = 150_000;

const CONNECT_TIMEOUT_MS = 5000;

/**
 * Whose pollers are never away for long. Of the queue of scripts itself a worker with busy slots asks for nothing; the
 * one of its host is always asked.
 * @type {Record<string, () => Promise<string>>}
 */
const queues = {
  search: async () => MAIN_TASK_QUEUE,
  exec: async () => hostTaskQueue(await readHostId(process.env)),
  grade: async () => GRADE_TASK_QUEUE,
  all: async () => hostTaskQueue(await readHostId(process.env)),
};

/** @param {import('@temporalio/client').Connection} connection @param {string} namespace @param {string} queue */
async function lastPoll(connection, namespace, queue) {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: ACTIVITIES,
  });
  const own = (pollers ?? []).filter((poller) => poller.identity?.endsWith(`@${hostname()}`));
  return Math.max(0, ...own.map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000));
}

const role = process.argv[2] ?? '';
const queueOf = queues[role];
if (queueOf === undefined) throw new Error(`Usage: node deploy/worker-health.mjs ${Object.keys(queues).join('|')}`);
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS });
try {
  const queue = await queueOf();
  const polled = await lastPoll(connection, namespace, queue);
  const isHealthy = Date.now() - polled <= LATELY_MS;
  const when = polled === 0 ? 'never' : new Date(polled).toISOString();
  process.stdout.write(`${queue} was last asked from ${hostname()}: ${when}\n`);
  process.exitCode = isHealthy ? 0 : 1;
} finally {
  await connection.close();
}
