import type { Table } from '../table';

/** Families that weigh columns by their size. */
export const SCALED_FAMILIES: ReadonlySet<string> = new Set(['linear', 'curved', 'neighbors']);

/** Above this number of numeric columns a script keeps only some. */
const WIDE = 150;

/** How many columns of numbers a script has at most: a date gives several. */
export function numbersOf(table: Table): number {
  return table.numeric.length + table.undescribed + (table.dates.length + table.times.length) * 3;
}

export function isWide(table: Table): boolean {
  return numbersOf(table) > WIDE;
}
