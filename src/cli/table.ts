import Table from 'cli-table3';

/** No lines, two blanks between columns: easy to read and to cut apart. */
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
  middle: '  ',
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
