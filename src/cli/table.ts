import Table from 'cli-table3';
import { widthOf } from './text-width';

/** Between columns: easy to read and to cut apart. */
const GAP = '  ';

/** No lines. */
const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** A plain table; `columnWidths` in characters wraps the cells of those columns (null leaves one as wide as it is). */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columnWidths: readonly (number | null)[] = [],
): string {
  const table = new Table({
    head: [...header],
    chars: BARE,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...columnWidths],
    wordWrap: columnWidths.length > 0,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * Widths for a table that is at most `columns` wide, as `renderTable` takes them: the widest columns are wrapped, none
 * within a word. A table that fits, or that no terminal bounds (null), has no need of them.
 */
export function widthsWithin(
  columns: number | null,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly (number | null)[] {
  const cells = header.map((title, column) => [title, ...rows.map((row) => row[column] ?? '')]);
  const widths = cells.map((texts) => Math.max(...texts.map(widthOf)));
  const words = cells.map((texts) => Math.max(...texts.flatMap((text) => text.split(' ').map(widthOf))));
  const total = (): number => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  if (columns === null || total() <= columns) return [];
  while (total() > columns) {
    const spare = widths.map((width, column) => (width > (words[column] ?? 0) ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
