import { count, csv } from './grading-fixture';
import type { Row } from './grading-fixture';

/** Labels are above it, and no other cell of any table is. */
const MARKER = 7_000_000;

export function train(rows: number, more: (row: number) => Row = () => ({})): Row[] {
  return count(rows).map((row) => ({ id: `${row}`, x: `${(row * 37) % 1000}.50`, ...more(row), y: `${MARKER + row}` }));
}

export function toPredict(rows: number, from: number, more: (row: number) => Row = () => ({})): Row[] {
  return count(rows).map((row) => ({ id: `${from + row}`, x: `${(row * 31) % 1000}.25`, ...more(row) }));
}

export function tables(rows: number, more: (row: number) => Row = () => ({})): Record<string, string> {
  const real = toPredict(300, rows, more);
  return {
    'train.csv': csv(train(rows, more)),
    'test.csv': csv(real),
    'sample_submission.csv': csv(real.map(({ id }) => ({ id: id ?? '', y: '0.5' }))),
  };
}
