import type { Direction } from '../domain/direction';

/** From the worst score to the best; legible on light and on dark ground. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [126, 87, 194],
  [63, 118, 200],
  [32, 150, 160],
  [60, 168, 90],
  [170, 196, 36],
];

/**
 * Gives each score its colour by rank, so that one outlier does not make all others look alike. Equal scores have
 * equal colours.
 */
export function scoreColours(metrics: readonly number[], direction: Direction): (metric: number) => string {
  const sign = direction === 'maximize' ? 1 : -1;
  const ranked = [...new Set(metrics)].sort((left, right) => sign * (left - right));
  const ranks = new Map(ranked.map((metric, rank) => [metric, rank]));
  return (metric) => colourAt(ranked.length < 2 ? 1 : (ranks.get(metric) ?? 0) / (ranked.length - 1));
}

/** The colour at a share of the way from worst (0) to best (1), as `#rrggbb`. */
export function colourAt(share: number): string {
  const position = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const lower = STOPS[Math.floor(position)] ?? STOPS[0];
  const upper = STOPS[Math.ceil(position)] ?? lower;
  if (lower === undefined || upper === undefined) return '#808080';
  const part = position - Math.floor(position);
  const channel = (index: 0 | 1 | 2): string =>
    Math.round(lower[index] + (upper[index] - lower[index]) * part)
      .toString(16)
      .padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}
