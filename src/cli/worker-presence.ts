import { hostname } from 'node:os';
import { EXECUTE_TASK_QUEUE, GRADE_TASK_QUEUE, MAIN_TASK_QUEUE, modelTaskQueue } from '../domain/task-queues';
import { PURPOSES } from '../domain/purpose';
import type { ModelRoutes } from '../domain/resolved-model';
import { errorCode } from '../store/store-error';
import type { Session } from './session';

/** `TASK_QUEUE_TYPE_WORKFLOW` and `TASK_QUEUE_TYPE_ACTIVITY` of Temporal's API. */
const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

const RECENT_SECONDS = 70;

/**
 * A line on the queues that nobody polls; null when all are polled. A run waits for each of them, but for the endpoint of
 * a model that another one of its role can stand in for.
 *
 * @param isGraded whether the run's scripts are, or may be, scored by a grade worker
 */
export async function noWorkerNote(session: Session, routes: ModelRoutes, isGraded: boolean): Promise<string | null> {
  const endpoints = new Set(PURPOSES.flatMap((role) => routes[role]));
  const queues = [
    { name: MAIN_TASK_QUEUE, type: WORKFLOW_QUEUE },
    ...[...endpoints].map((endpoint) => ({ name: modelTaskQueue(endpoint), type: ACTIVITY_QUEUE })),
    { name: EXECUTE_TASK_QUEUE, type: ACTIVITY_QUEUE },
    ...(isGraded ? [{ name: GRADE_TASK_QUEUE, type: ACTIVITY_QUEUE }] : []),
  ];
  const unpolled: string[] = [];
  for (const queue of queues) if (!(await isPolled(session, queue))) unpolled.push(queue.name);
  return unpolledInWords(unpolled, routes);
}

/** What it means for a run that nobody polls these queues; null when there are none. */
export function unpolledInWords(unpolled: readonly string[], routes: ModelRoutes): string | null {
  if (unpolled.length === 0) return null;
  const isReached = (endpoint: string): boolean => !unpolled.includes(modelTaskQueue(endpoint));
  const replaceable = new Set(
    PURPOSES.flatMap((role) => routes[role])
      .filter((endpoint) => PURPOSES.every((role) => !routes[role].includes(endpoint) || routes[role].some(isReached)))
      .map(modelTaskQueue),
  );
  const missed = unpolled.filter((queue) => !replaceable.has(queue));
  if (missed.length === 0) {
    return `no worker polls ${unpolled.join(', ')}: the next models of their roles step in until one does`;
  }
  return `no worker polls ${missed.join(', ')}: the run waits until one is started with \`coppice worker\``;
}

async function isPolled(
  { client, resolved }: Session,
  queue: { readonly name: string; readonly type: number },
): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: resolved.namespace,
    taskQueue: { name: queue.name },
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- its enum's package is none that we depend on
    taskQueueType: queue.type,
  });
  return pollers.some(({ lastAccessTime, identity }) => isRecent(lastAccessTime) && !isGoneFromHere(identity ?? ''));
}

/** The server remembers a poller for minutes; a living one asks again at least every minute. */
function isRecent(time: { readonly seconds?: unknown } | null | undefined): boolean {
  return time?.seconds != null && Date.now() / 1000 - Number(time.seconds) < RECENT_SECONDS;
}

/** Workers name themselves `pid@host`, so that one of this machine that has ended is known at once. */
function isGoneFromHere(identity: string): boolean {
  const [, pid, host] = /^(\d+)@(.+)$/.exec(identity) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}
