import type { Direction } from '../domain/direction';
import { isBetter } from '../domain/direction';
import type { Mark } from '../domain/marks';

/** Fewer scores tell nothing about how far scores of this task lie apart. */
const FEWEST_OTHERS = 5;

/** How many spreads a score may be ahead of the best other one. */
const MOST_SPREADS = 6;

/** How much of the distance to the perfect score, or of the score itself, has to go at once. */
const LEAST_SHARE = 0.5;

/** Makes the median absolute deviation comparable with a standard deviation. */
const MAD_TO_DEVIATION = 1.4826;

/**
 * Doubts a score that is ahead of all others by far more than they differ among themselves, as scores are that come
 * from a leak. It has to be ahead of the best other by six robust standard deviations of the others (the median
 * absolute deviation, as in the modified z-score of Iglewicz and Hoaglin, 1993, whose cut-off is 3.5; a search is meant
 * to find improvements, so this one is wider), and by at least half of what the best other lacks: of the distance to 1
 * for scores between 0 and 1 that are maximized, of the distance to 0 for errors, else of the best other's size. The
 * second condition leaves alone the small, honest steps among scores that hardly differ.
 *
 * @param others scores of the other working nodes; with fewer than five there is no doubt
 */
export function tooGood(metric: number, others: readonly number[], direction: Direction): Mark | null {
  if (others.length < FEWEST_OTHERS) return null;
  const best = others.reduce((left, right) => (isBetter(right, left, direction) ? right : left));
  if (!isBetter(metric, best, direction)) return null;
  const gain = Math.abs(metric - best);
  if (gain <= MOST_SPREADS * spreadOf(others)) return null;
  if (gain < LEAST_SHARE * roomAbove(best, metric, others, direction)) return null;
  const message = `${short(metric)} is far ahead of all ${others.length} other scores, of which ${short(best)} is the best`;
  return { kind: 'too_good', message };
}

function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return MAD_TO_DEVIATION * median(values.map((value) => Math.abs(value - middle)));
}

/** What the best other score lacks to the perfect one, where its range tells; else its own size. */
function roomAbove(best: number, metric: number, others: readonly number[], direction: Direction): number {
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  const ofOne = direction === 'maximize' && isShare(metric) && others.every(isShare);
  return ofOne ? 1 - best : Math.abs(best);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
