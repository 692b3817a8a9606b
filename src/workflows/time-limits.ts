import { parallelOf } from '../domain/run-spec';
import { MOST_CANDIDATES } from '../policy/selection-candidates';
import { selectionReserveMs } from '../policy/selection-reserve';
import type { RunState } from './run-state';

/** All of the run's time in milliseconds, null without a limit; of a deadline, what was left of it at the start. */
export function totalMs({ spec, extensions, openedAt }: RunState): number | null {
  const { time, deadline } = spec.limits;
  const totals: number[] = [];
  if (time !== undefined) totals.push(time * 1000 + extensions.time);
  if (deadline !== undefined) totals.push(Date.parse(deadline) - openedAt);
  return totals.length === 0 ? null : Math.min(...totals);
}

/** Milliseconds at the end that belong to the final selection. */
export function reserveMs(run: RunState): number {
  return selectionReserveMs({
    evaluation: run.evaluation,
    canRefit: run.canRefit,
    candidates: Math.min(MOST_CANDIDATES, run.tree.counts().working),
    reruns: run.reruns,
    parallel: parallelOf(run.spec),
    bestSeconds: run.bestSeconds,
    totalMs: totalMs(run),
  });
}

/** Milliseconds left until the deadline or, while the clock runs, of the working time; null without a limit. */
export function timeLeftMs(run: RunState, now: number): number | null {
  const { time, deadline } = run.spec.limits;
  const left: number[] = [];
  if (time !== undefined && run.pauses.current === null) {
    left.push(time * 1000 + run.extensions.time - run.clock.elapsedMs(now));
  }
  if (deadline !== undefined) left.push(Date.parse(deadline) - now);
  return left.length === 0 ? null : Math.max(0, Math.min(...left));
}

/** Milliseconds left for the search: what is left of the run's time less what the final selection needs. */
export function searchTimeLeftMs(run: RunState, now: number): number | null {
  const left = timeLeftMs(run, now);
  return left === null ? null : Math.max(0, left - reserveMs(run));
}

/** Milliseconds left until the deadline; infinite without one. */
export function deadlineLeftMs({ spec }: RunState, now: number): number {
  const { deadline } = spec.limits;
  return deadline === undefined ? Infinity : Date.parse(deadline) - now;
}

/** Absolute end of the search (ISO 8601); null without a deadline. */
export function searchDeadline(run: RunState): string | null {
  const { deadline } = run.spec.limits;
  return deadline === undefined ? null : new Date(Date.parse(deadline) - reserveMs(run)).toISOString();
}
