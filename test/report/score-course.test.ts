import type { CoursePoint } from '../../src/report/score-course';
import { atEqual } from '../../src/report/score-course';

const course = (...points: readonly (readonly [number, number | null, number | null])[]): CoursePoint[] =>
  points.map(([seconds, costUsd, score], index) => ({ nodes: index + 1, seconds, costUsd, score }));

const CHEAP = course([10, 0.01, null], [20, 0.02, 5], [30, 0.03, 4]);
const DEAR = course([5, 0.5, 6], [9, 1, 3]);

const scoresOf = (points: ReturnType<typeof atEqual>) =>
  points?.map(({ at, runs }) => [at, ...runs.map(({ score, reached }) => (reached ? score : 'short'))]);

test('each run has its best score by then, and none where it did not come so far', () => {
  expect(scoresOf(atEqual([CHEAP, DEAR], 'nodes'))).toEqual([
    [1, null, 6],
    [2, 5, 3],
    [3, 4, 'short'],
  ]);
  expect(scoresOf(atEqual([CHEAP, DEAR], 'costUsd'))?.slice(-4)).toEqual([
    [0.1, 'short', null],
    [0.2, 'short', null],
    [0.5, 'short', 6],
    [1, 'short', 3],
  ]);
});

test('what all runs came to is always a row, and there are few others', () => {
  const points = atEqual([CHEAP, DEAR], 'seconds') ?? [];
  expect(points.map(({ at }) => at)).toContain(9);
  expect(points.find(({ at }) => at === 9)?.runs).toEqual([
    { score: null, reached: true },
    { score: 3, reached: true },
  ]);
  expect(points.length).toBeLessThanOrEqual(9);
});

test('a measure that is unknown for one run, or nowhere above zero, compares nothing', () => {
  expect(atEqual([CHEAP, course([1, null, 2])], 'costUsd')).toBeNull();
  expect(atEqual([course([1, 0, 2]), course([1, 0, 3])], 'costUsd')).toBeNull();
  expect(atEqual([CHEAP, []], 'nodes')?.every(({ runs }) => runs[1]?.score === null)).toBe(true);
});
