import type { ExecuteInput } from '../domain/steps';

/**
 * How long a script that starts now may run, in milliseconds; zero or less when there is no time. Waiting in the queue
 * uses up the run's budget but never the script's own limit.
 *
 * @param dispatchedAt when the task was put into the queue, in milliseconds since the epoch, as is `now`
 */
export function scriptLimitMs(
  input: Pick<ExecuteInput, 'limitMs' | 'budgetMs' | 'deadline'>,
  dispatchedAt: number,
  now: number,
): number {
  // The queue's clock is the server's, which may run ahead of this machine's.
  const waited = Math.max(0, now - dispatchedAt);
  const budget = input.budgetMs === null ? Infinity : input.budgetMs - waited;
  const untilDeadline = input.deadline === null ? Infinity : Date.parse(input.deadline) - now;
  return Math.min(input.limitMs, budget, untilDeadline);
}
