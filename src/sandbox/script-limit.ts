import type { ExecuteInput } from '../domain/steps';

/** How long a script may run, in the supervisor's units. */
export interface ScriptTime {
  /** Counted from the script's own start. */
  readonly limitSeconds: number;
  /** Seconds since the epoch after which it may not run, whatever the limit; null for never. */
  readonly endBefore: number | null;
}

/**
 * What a script that is made ready now may use. Waiting in the queue, and for a slot of the host, uses up the run's
 * budget but never the script's own limit.
 *
 * @param dispatchedAt when the task was put into the queue, in milliseconds since the epoch, as is `now`
 */
export function scriptTime(
  input: Pick<ExecuteInput, 'limitMs' | 'budgetMs' | 'deadline'>,
  dispatchedAt: number,
  now: number,
): ScriptTime {
  // The queue's clock is the server's, which may run ahead of this machine's.
  const budgetFrom = Math.min(dispatchedAt, now);
  const ends = [
    ...(input.budgetMs === null ? [] : [budgetFrom + input.budgetMs]),
    ...(input.deadline === null ? [] : [Date.parse(input.deadline)]),
  ];
  return { limitSeconds: input.limitMs / 1000, endBefore: ends.length === 0 ? null : Math.min(...ends) / 1000 };
}
