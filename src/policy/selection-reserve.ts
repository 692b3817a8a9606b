import type { EvaluationKind } from '../domain/evaluation';

/** At most this share of a run's time is kept back from the search. */
const MOST_SHARE = 0.2;

/** How much longer than the best node's script the scripts of the final selection may take. */
const ALLOWANCE = 1.5;

export interface SelectionPlan {
  readonly evaluation: EvaluationKind;
  /** Whether the winner runs once more on all the data. */
  readonly canRefit: boolean;
  /** Nodes that would be compared now. */
  readonly candidates: number;
  /** Runs with other seeds of each candidate; `reported` only. */
  readonly reruns: number;
  readonly parallel: number;
  /** How long the best node's script took, in seconds. */
  readonly bestSeconds: number;
  /** All of the run's time, in milliseconds; null without a limit. */
  readonly totalMs: number | null;
}

/** Milliseconds at the end of a run that belong to the final selection: the search stops earlier by that much. */
export function selectionReserveMs(plan: SelectionPlan): number {
  if (plan.totalMs === null) return 0;
  const needed = ALLOWANCE * plan.bestSeconds * 1000 * scriptsInARow(plan);
  return Math.max(0, Math.round(Math.min(MOST_SHARE * plan.totalMs, needed)));
}

/** Scripts of the selection that run one after the other. */
function scriptsInARow({ evaluation, canRefit, candidates, reruns, parallel }: SelectionPlan): number {
  if (candidates === 0) return 0;
  if (evaluation === 'holdout') return canRefit ? 1 : 0;
  return evaluation === 'reported' ? Math.ceil((candidates * reruns) / parallel) : 0;
}
