import type { Direction } from '../domain/direction';
import { isBetter } from '../domain/direction';

/** A run that was over and then went on: where it stood then. */
export interface WentOn {
  /** Nodes that had been recorded; 0 for a run that never was over. */
  readonly after: number;
  /** Its target was reached by then, so it is no reason to end any more. */
  readonly pastTarget: boolean;
}

export const NEVER_OVER: WentOn = { after: 0, pastTarget: false };

/** Whether a score is as good as asked for; never without a score or a target. */
export function reaches(metric: number | null, target: number | undefined, direction: Direction): boolean {
  return target !== undefined && metric !== null && !isBetter(target, metric, direction);
}

/**
 * @param stood how many nodes had been recorded when the run went on, and the best score among them; null for a run that
 *   never was over
 */
export function wentOnAfter(
  stood: { readonly after: number; readonly metric: number | null } | null,
  target: number | undefined,
  direction: Direction,
): WentOn {
  if (stood === null) return NEVER_OVER;
  return { after: stood.after, pastTarget: reaches(stood.metric, target, direction) };
}
