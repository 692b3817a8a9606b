import type { Preview, TablePreview } from '../domain/preview';

/** Keys that are told. */
const MOST_KEYS = 10;

/** Share of distinct values by which a column identifies the rows of a table. */
const IDENTIFYING = 0.95;

/** Share of its columns that a table has in common with another of the same kind, such as training and test rows. */
const ALIKE = 0.8;

const KEY_NAME = /(^|[^a-z])(id|key|code|uuid|guid)$|[a-z](Id|ID|Key|Code)$/;

/**
 * The columns by which tables of different kinds can be joined: of the same name, and either named like a key or
 * identifying the rows of one of them.
 */
export function sharedKeys(tables: readonly TablePreview[]): Preview['keys'] {
  const names = new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => name)));
  return [...names]
    .map((column) => ({ column, having: tables.filter((table) => hasColumn(table, column)) }))
    .filter(({ column, having }) => isKey(column, having))
    .slice(0, MOST_KEYS)
    .map(({ column, having }) => ({ column, tables: having.map(nameOf) }));
}

/** The table as people name it: `data.zip/train.csv` when it lies in a zip. */
export function nameOf({ path, member }: Pick<TablePreview, 'path' | 'member'>): string {
  return member === null ? path : `${path}/${member}`;
}

function isKey(column: string, having: readonly TablePreview[]): boolean {
  const [first, ...others] = having;
  if (first === undefined || others.every((other) => alike(first, other))) return false;
  return KEY_NAME.test(column) || having.some((table) => identifies(table, column));
}

function hasColumn(table: TablePreview, column: string): boolean {
  return table.columns.some(({ name }) => name === column);
}

function identifies(table: TablePreview, column: string): boolean {
  const found = table.columns.find(({ name }) => name === column);
  return found !== undefined && table.rows > 1 && found.missing === 0 && found.distinct >= IDENTIFYING * table.rows;
}

/** Rows to predict, and a sample of the answer, are of the kind of the training rows. */
function alike(one: TablePreview, other: TablePreview): boolean {
  const [few, many] = one.columns.length < other.columns.length ? [one, other] : [other, one];
  const shared = few.columns.filter(({ name }) => hasColumn(many, name)).length;
  return shared >= ALIKE * few.columns.length;
}
