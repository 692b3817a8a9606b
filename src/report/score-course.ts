import type { Direction } from '../domain/direction';
import { isBetter } from '../domain/direction';
import type { RunView } from './run-view';
import { prunedIds } from './counted-records';
import { recordsOf } from './run-view';

/** Where a run stood when a node was recorded. */
export interface CoursePoint {
  readonly nodes: number;
  /** Working time. */
  readonly seconds: number;
  /** What its nodes cost by then; null from the first one whose price is not known. */
  readonly costUsd: number | null;
  /** Best score so far; null while nothing worked. */
  readonly score: number | null;
}

/** How a run's best score came about, in the order in which its nodes were recorded; pruned nodes lend no score. */
export function scoreCourse(view: Pick<RunView, 'state' | 'nodes' | 'run'>): CoursePoint[] {
  const { direction } = view.run.task;
  const pruned = prunedIds(view);
  const inOrder = [...recordsOf(view)].sort((left, right) => left.completion - right.completion);
  const points: CoursePoint[] = [];
  let last: CoursePoint = { nodes: 0, seconds: 0, costUsd: 0, score: null };
  for (const { id, metric, usage, elapsedSeconds } of inOrder) {
    const better = metric !== null && !pruned.has(id) && isImprovement(metric, last.score, direction);
    last = {
      nodes: last.nodes + 1,
      // A fork's first nodes bring their own times along.
      seconds: Math.max(last.seconds, elapsedSeconds),
      costUsd: last.costUsd === null || usage.costUsd === null ? null : sumOfMoney(last.costUsd, usage.costUsd),
      score: better ? metric : last.score,
    };
    points.push(last);
  }
  return points;
}

/** Sums of decimals are off at their sixteenth digit: equal costs would not be equal. */
function sumOfMoney(one: number, other: number): number {
  return Number((one + other).toPrecision(12));
}

function isImprovement(metric: number, best: number | null, direction: Direction): boolean {
  return best === null || isBetter(metric, best, direction);
}

/** What two runs are put side by side at. */
export type Measure = 'nodes' | 'seconds' | 'costUsd';

/** The best scores of several runs when each had come equally far. */
export interface EqualPoint {
  readonly at: number;
  readonly runs: readonly { readonly score: number | null; readonly reached: boolean }[];
}

/** Rows that a comparison has at most, besides the last one that all runs reached and the very last. */
const MOST_ROWS = 7;

/**
 * Compares courses at round values of a measure (1, 2, 5, 10, …), at what all of them came to, and at what the longest
 * came to. Null when the measure is not known for one of them, or nowhere above zero.
 */
export function atEqual(courses: readonly (readonly CoursePoint[])[], measure: Measure): EqualPoint[] | null {
  const totals: number[] = [];
  for (const course of courses) {
    const last = course.at(-1);
    const total = last === undefined ? 0 : last[measure];
    if (total === null) return null;
    totals.push(total);
  }
  const [least, most] = [Math.min(...totals), Math.max(...totals)];
  if (most === 0) return null;
  const rows = new Set([
    ...roundValues(most, measure === 'nodes').slice(-MOST_ROWS),
    ...(least > 0 ? [least] : []),
    most,
  ]);
  return [...rows]
    .sort((left, right) => left - right)
    .map((at) => ({
      at,
      runs: courses.map((course, index) => ({
        score: (totals[index] ?? 0) < at ? null : scoreAt(course, measure, at),
        reached: (totals[index] ?? 0) >= at,
      })),
    }));
}

function roundValues(most: number, whole: boolean): number[] {
  const values: number[] = [];
  const least = whole ? 1 : most / 1000;
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power += 1) {
    for (const digit of [1, 2, 5]) {
      const value = Number(`${digit}e${power}`);
      if (value >= least && value <= most) values.push(value);
    }
  }
  return values;
}

function scoreAt(course: readonly CoursePoint[], measure: Measure, at: number): number | null {
  let score: number | null = null;
  for (const point of course) {
    const value = point[measure];
    if (value === null || value > at) break;
    score = point.score;
  }
  return score;
}
