import type { ColumnPreview, TablePreview } from '../../domain/preview';
import { columnRole, hasWords, longTail } from './column-roles';
import type { Table } from './table';

/** Each text column takes a decomposition of its own in every fold. */
const MOST_TEXTS = 6;

export type SortedColumns = Pick<
  Table,
  'numeric' | 'varied' | 'categories' | 'wordy' | 'texts' | 'dates' | 'times' | 'skewed' | 'leftOut' | 'missing'
>;

type ColumnList = 'numeric' | 'categories' | 'texts' | 'times';

const LIST_OF = { number: 'numeric', category: 'categories', text: 'texts', time: 'times' } as const;

/** What scripts do with each column of the training table but the target and the id. */
export function sortColumns(
  train: TablePreview,
  test: TablePreview | null,
  target: string,
  id: string | null,
): SortedColumns {
  const known = test === null ? null : new Map(test.columns.map((column) => [column.name, column]));
  const partial = test !== null && test.columnsLeftOut > 0;
  const names: Record<ColumnList, string[]> = { numeric: [], categories: [], texts: [], times: [] };
  const dates: { name: string; formats: readonly string[] }[] = [];
  const leftOut: { name: string; why: string }[] = [];
  const kept: ColumnPreview[] = [];
  for (const column of train.columns) {
    const { name } = column;
    if (name === target || name === id) continue;
    const twin = known?.get(name);
    if (known !== null && twin === undefined && !partial) {
      leftOut.push({ name, why: `not in ${test?.path ?? 'the rows to predict'}` });
      continue;
    }
    const role = columnRole(column, train.rows);
    if (role.role === 'left_out') leftOut.push({ name, why: role.why });
    else if (role.role === 'text' && names.texts.length >= MOST_TEXTS) {
      leftOut.push({ name, why: `only the first ${MOST_TEXTS} columns of text are used` });
    } else {
      kept.push(column);
      if (role.role === 'date') dates.push({ name, formats: formatsOf(column, twin) });
      else names[LIST_OF[role.role]].push(name);
    }
  }
  const isNumeric = ({ name }: ColumnPreview): boolean => names.numeric.includes(name);
  const numbers = kept.filter(isNumeric);
  return {
    ...names,
    wordy: kept.filter((column) => names.categories.includes(column.name) && hasWords(column)).map(({ name }) => name),
    dates,
    skewed: numbers.filter(isSkewed).map(({ name }) => name),
    varied: [...numbers].sort((left, right) => right.distinct - left.distinct).map(({ name }) => name),
    leftOut,
    missing:
      train.columnsLeftOut > 0 ||
      kept.some((column) => hasGaps(column, known?.get(column.name)) || (column.type === 'text' && isNumeric(column))),
  };
}

/** The rows to predict may write their dates otherwise. */
function formatsOf(column: ColumnPreview, twin: ColumnPreview | undefined): readonly string[] {
  const formats = [...new Set([...column.dateFormats, ...(twin?.dateFormats ?? [])])];
  // With other ways beside it, the ISO way of a table that needs no format has to be tried, too.
  const iso = twin !== undefined && (column.dateFormats.length === 0) !== (twin.dateFormats.length === 0);
  return formats.length > 0 && iso ? [...formats, 'ISO8601'] : formats;
}

function hasGaps(column: ColumnPreview, twin: ColumnPreview | undefined): boolean {
  return column.missing > 0 || (twin?.missing ?? 0) > 0;
}

function isSkewed(column: ColumnPreview): boolean {
  return typeof column.minimum === 'number' && column.minimum >= 0 && longTail(column) === 'high';
}
