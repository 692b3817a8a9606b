import type { Direction } from '../domain/direction';
import type { SelectionCandidate, SelectionOutcome } from '../domain/selection';

/** A candidate with marks wins only when it is better than the best without by more than this many standard errors. */
const DOUBT_IN_STANDARD_ERRORS = 2;

/**
 * Decides the final selection. The best selection score wins; of equal ones the better search score, then the lower id.
 * Doubts count against a candidate. One without a selection score is taken only when none has one, and then by its
 * search score.
 *
 * @throws RangeError when there is no candidate
 */
export function chooseWinner(candidates: readonly SelectionCandidate[], direction: Direction): SelectionOutcome {
  const scored = candidates.filter((candidate) => candidate.selectionScore !== null);
  const ranked = (scored.length > 0 ? scored : candidates).toSorted((left, right) => order(left, right, direction));
  const trusted = ranked.find((candidate) => candidate.marks.length === 0);
  const winner =
    trusted === undefined
      ? ranked[0]
      : (ranked.find((candidate) => candidate.marks.length > 0 && isBeyondDoubt(candidate, trusted, direction)) ??
        trusted);
  if (winner === undefined) throw new RangeError('the final selection needs at least one candidate');
  return { winner: winner.id, ...scoresOf(winner, direction) };
}

/** Negative when `left` comes first. */
function order(left: SelectionCandidate, right: SelectionCandidate, direction: Direction): number {
  const bySelection = advantage(right.selectionScore ?? 0, left.selectionScore ?? 0, direction);
  if (bySelection !== 0) return bySelection;
  const bySearch = advantage(right.searchScore, left.searchScore, direction);
  return bySearch === 0 ? left.id - right.id : bySearch;
}

/** How much better `score` is than `other`, in the metric's unit. */
function advantage(score: number, other: number, direction: Direction): number {
  return direction === 'maximize' ? score - other : other - score;
}

function isBeyondDoubt(doubtful: SelectionCandidate, trusted: SelectionCandidate, direction: Direction): boolean {
  if (doubtful.selectionScore === null || trusted.selectionScore === null) return false;
  if (doubtful.standardError === null || trusted.standardError === null) return false;
  const margin = DOUBT_IN_STANDARD_ERRORS * Math.hypot(doubtful.standardError, trusted.standardError);
  return advantage(doubtful.selectionScore, trusted.selectionScore, direction) > margin;
}

function scoresOf(
  { searchScore, selectionScore }: SelectionCandidate,
  direction: Direction,
): Omit<SelectionOutcome, 'winner'> {
  const gap = selectionScore === null ? null : advantage(searchScore, selectionScore, direction);
  return { searchScore, selectionScore, gap };
}
