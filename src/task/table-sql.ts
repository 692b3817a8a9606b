import type { ColumnType } from '../domain/preview';
import type { TextEncoding } from './table-header';

/** How many example values of a column are kept. */
export const EXAMPLES = 5;

/** Longest example, in characters. */
export const EXAMPLE_LENGTH = 60;

/** Rows among which the examples of columns that are not text are looked for. */
const ROWS_FOR_EXAMPLES = 100;

/** What pandas takes for a missing value, so that scripts see the same gaps. */
const MISSING_WORDS: readonly string[] = [
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>', 'N/A', 'NA'],
  ...['NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
];

/** How a table is to be read. */
export interface Reading {
  /** SQL literal of the file. */
  readonly file: string;
  readonly encoding: TextEncoding;
  /** Null leaves delimiter and quoting to the database. */
  readonly delimiter: string | null;
  /** Rows that column types are drawn from; -1 for all. */
  readonly typeRows: number;
  /** Whether lines with too few fields are filled up and those with too many, or broken ones, passed over. */
  readonly forgiving: boolean;
  /** Most rows to read; null for all. */
  readonly rowLimit: number | null;
}

/** A column as the database sees it. */
export interface SqlColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Type of the schema for a type of the database. */
export function columnTypeOf(sqlType: string): ColumnType {
  if (/^(BIGINT|INTEGER|HUGEINT|SMALLINT|TINYINT|U[A-Z]*INT[A-Z]*)$/.test(sqlType)) return 'integer';
  if (/^(DOUBLE|FLOAT|DECIMAL)/.test(sqlType)) return 'number';
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (sqlType === 'DATE') return 'date';
  if (sqlType.startsWith('TIMESTAMP')) return 'timestamp';
  return sqlType.startsWith('TIME') ? 'time' : 'text';
}

/** Names and types of the columns. */
export function describeSql(reading: Reading): string {
  return `DESCRIBE SELECT * FROM ${source(reading)}`;
}

/** The delimiter that the database finds by itself. */
export function delimiterSql(reading: Reading): string {
  return `SELECT "Delimiter" FROM sniff_csv(${reading.file}, ${readerOptions(reading, false)})`;
}

/**
 * One row: the number of rows, then one struct for each column. Counting distinct values exactly takes memory for
 * each of them, so it is for small tables only.
 */
export function statisticsSql(reading: Reading, columns: readonly SqlColumn[], exactDistinct: boolean): string {
  const structs = columns.map((column) => statisticsOf(column, exactDistinct));
  return `SELECT ${['count(*)::DOUBLE', ...structs].join(', ')} FROM ${limited(reading, columns)}`;
}

/** The first rows, each value as it stands in the file. */
export function firstRowsSql(reading: Reading, columns: readonly SqlColumn[]): string {
  return `SELECT ${list(columns)} FROM ${source(reading, true)} LIMIT ${ROWS_FOR_EXAMPLES}`;
}

function statisticsOf({ name, type }: SqlColumn, exactDistinct: boolean): string {
  const column = identifier(name);
  const distinct = exactDistinct ? `coalesce(list_unique(list(${column})), 0)` : `approx_count_distinct(${column})`;
  const fields = [`'present': count(${column})::DOUBLE`, `'distinct': ${distinct}::DOUBLE`, ...rangeOf(column, type)];
  if (type === 'text') fields.push(`'frequent': approx_top_k(left(${column}, ${EXAMPLE_LENGTH}), ${EXAMPLES})`);
  return `{${fields.join(', ')}}`;
}

function rangeOf(column: string, type: ColumnType): readonly string[] {
  switch (type) {
    case 'integer':
    case 'number': {
      // Not FILTER: its cost grows with the square of the number of aggregates.
      const finite = type === 'integer' ? column : `CASE WHEN isfinite(${column}) THEN ${column} END`;
      return ['min', 'max', 'avg'].map((name) => `'${name}': ${name}(${finite})::DOUBLE`);
    }
    case 'date':
    case 'timestamp':
    case 'time':
      return ['min', 'max'].map((name) => `'${name}': ${name}(${column})::VARCHAR`);
    case 'boolean':
    case 'text':
      return [];
  }
}

function limited(reading: Reading, columns: readonly SqlColumn[]): string {
  if (reading.rowLimit === null) return source(reading);
  return `(SELECT ${list(columns)} FROM ${source(reading)} LIMIT ${reading.rowLimit})`;
}

function source(reading: Reading, asText = false): string {
  return `read_csv(${reading.file}, ${readerOptions(reading, asText)})`;
}

function readerOptions({ encoding, delimiter, typeRows, forgiving }: Reading, asText: boolean): string {
  const words = MISSING_WORDS.map((word) => `'${word}'`).join(', ');
  return [
    'header = true',
    `encoding = '${encoding}'`,
    `nullstr = [${words}]`,
    asText ? 'all_varchar = true' : `sample_size = ${typeRows}`,
    // No BOOLEAN: it would also take T and F, which scripts see as text.
    "auto_type_candidates = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIME', 'VARCHAR']",
    ...(delimiter === null ? [] : [`delim = '${delimiter}'`, `quote = '"'`, `escape = '"'`]),
    ...(forgiving ? ['strict_mode = false', 'null_padding = true', 'ignore_errors = true'] : []),
  ].join(', ');
}

function list(columns: readonly SqlColumn[]): string {
  return columns.map(({ name }) => identifier(name)).join(', ');
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
