/** A candidate's score on what its search score did not come from. */
export interface SelectionScore {
  readonly score: number;
  /** Null where nothing tells how far the score would vary. */
  readonly standardError: number | null;
}

/**
 * The score of a script from runs with other seeds; null when none of them worked. The script's own run is why it became
 * a candidate, so it counts for how much the runs differ but not for their mean. Runs that do not differ at all say only
 * that the script does not follow the seed.
 */
export function rerunScore(own: number, reruns: readonly number[]): SelectionScore | null {
  if (reruns.length === 0) return null;
  const spread = standardDeviation([own, ...reruns]);
  return { score: mean(reruns), standardError: spread === 0 ? null : spread / Math.sqrt(reruns.length) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample of two or more. */
function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
