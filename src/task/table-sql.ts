import type { ColumnType, TableFormat } from '../domain/preview';

/** How many example values of a column are kept. */
export const EXAMPLES = 5;

/** Longest example, in characters. */
export const EXAMPLE_LENGTH = 60;

/** First rows that are looked at one by one: they give examples, and tell how numbers and dates are written. */
export const FIRST_ROWS = 1000;

/** Longest value of a first row, in characters. */
const FIRST_VALUE_LENGTH = 100;

/** Longest record and line that are read, in bytes: tables of ten thousand columns have long ones. */
const LARGEST_JSON_RECORD = 64 * 1024 * 1024;
const LONGEST_LINE = 16 * 1024 * 1024;

/** What pandas takes for a missing value, so that scripts see the same gaps. */
const MISSING_WORDS: readonly string[] = [
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN', '<NA>', 'N/A', 'NA'],
  ...['NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
];

/** How a table is to be read. */
export interface Reading {
  /** SQL literal of the file. */
  readonly file: string;
  readonly format: TableFormat;
  /** Of JSON alone; text with separators is unpacked before. */
  readonly packed: boolean;
  /** Of text with separators, as the following ones. */
  readonly encoding: 'utf-8' | 'latin-1';
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
  /** Whether it holds lists, records or bytes, which are told as text. */
  readonly nested: boolean;
  /** How its text is to be understood where the database does not see it by itself. */
  readonly meaning: ColumnMeaning | null;
}

/** What the text of a column means. */
export type ColumnMeaning =
  | { readonly kind: 'number'; readonly decimal: '.' | ','; readonly thousands: string | null }
  /** Formats as `strptime` takes them. */
  | { readonly kind: 'date'; readonly formats: readonly string[]; readonly withTime: boolean };

/** A column of the database's own type. */
export function sqlColumn(name: string, sqlType: string): SqlColumn {
  const nested = /\[\]$|^(STRUCT|MAP|UNION|BLOB|BIT|JSON|VARIANT|UUID|INTERVAL|ENUM)/.test(sqlType);
  return { name, type: columnTypeOf(sqlType), nested, meaning: null };
}

/** Type of the schema for a type of the database. */
function columnTypeOf(sqlType: string): ColumnType {
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

/** Rows of a Parquet file, as its own end tells. */
export function parquetRowsSql(file: string): string {
  return `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${file})`;
}

/** Some columns of a text with separators, to be written to a file of their own. */
export interface NarrowReading {
  /** SQL literal of the text, in UTF-8. */
  readonly file: string;
  readonly delimiter: string;
  /** How many columns it has. */
  readonly columns: number;
  readonly positions: readonly number[];
  /** Path of the file to write. */
  readonly target: string;
  /** Most rows besides the header; null for all. */
  readonly rows: number | null;
}

/** Writes some columns of a text with every cell as it stands, the header as a row like any other. */
export function narrowSql({ file, delimiter, columns, positions, target, rows }: NarrowReading): string {
  const types = Array.from({ length: columns }, (_, position) => `'c${position}': 'VARCHAR'`);
  const marks = `delim = ${literal(delimiter)}, quote = '"', escape = '"'`;
  const options = `header = false, auto_detect = false, ${marks}, max_line_size = ${LONGEST_LINE}`;
  const chosen = positions.map((position) => `c${position}`).join(', ');
  const most = rows === null ? '' : ` LIMIT ${rows + 1}`;
  const query = `SELECT ${chosen} FROM read_csv(${file}, ${options}, columns = {${types.join(', ')}})${most}`;
  return `COPY (${query}) TO ${literal(target)} (FORMAT csv, HEADER false, DELIMITER ${literal(delimiter)})`;
}

/** The delimiter that the database finds by itself. */
export function delimiterSql(reading: Reading): string {
  return `SELECT "Delimiter" FROM sniff_csv(${reading.file}, ${csvOptions(reading)})`;
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
  const values = columns.map(({ name }) => `left(${identifier(name)}::VARCHAR, ${FIRST_VALUE_LENGTH})`);
  return `SELECT ${values.join(', ')} FROM ${source(reading, 'all_varchar = true')} LIMIT ${FIRST_ROWS}`;
}

function statisticsOf({ name, type, nested, meaning }: SqlColumn, exactDistinct: boolean): string {
  const column = nested ? `${identifier(name)}::VARCHAR` : identifier(name);
  const value = meaning === null ? column : valueSql(`${column}::VARCHAR`, meaning);
  const distinct = exactDistinct ? `coalesce(list_unique(list(${column})), 0)` : `approx_count_distinct(${column})`;
  const fields = [`'present': count(${column})::DOUBLE`, `'distinct': ${distinct}::DOUBLE`, ...rangeOf(value, type)];
  if (meaning !== null) fields.push(`'understood': count(${value})::DOUBLE`);
  if (type === 'text') fields.push(`'frequent': approx_top_k(left(${column}, ${EXAMPLE_LENGTH}), ${EXAMPLES})`);
  return `{${fields.join(', ')}}`;
}

/** What a text means; NULL where it means nothing. */
function valueSql(text: string, meaning: ColumnMeaning): string {
  if (meaning.kind === 'number') {
    const { decimal, thousands } = meaning;
    const joined = thousands === null ? text : `replace(${text}, ${literal(thousands)}, '')`;
    return `try_cast(${decimal === '.' ? joined : `replace(${joined}, ',', '.')`} AS DOUBLE)`;
  }
  const time = `try_strptime(trim(${text}), [${meaning.formats.map(literal).join(', ')}])`;
  return meaning.withTime ? time : `${time}::DATE`;
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
  const table = source(reading, asText(columns.filter(({ meaning }) => meaning !== null)));
  return reading.rowLimit === null ? table : `(SELECT ${list(columns)} FROM ${table} LIMIT ${reading.rowLimit})`;
}

/** What has a meaning of its own is wanted as it is written, also where the database would read it in its own way. */
function asText(columns: readonly SqlColumn[]): string | null {
  if (columns.length === 0) return null;
  return `types = {${columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`).join(', ')}}`;
}

/** @param types of `csv`: an option that says more of the types of columns than that they are to be found */
function source(reading: Reading, types: string | null = null): string {
  const { file, format } = reading;
  switch (format) {
    case 'csv':
      return `read_csv(${file}, ${[csvOptions(reading), ...(types === null ? [] : [types])].join(', ')})`;
    case 'parquet':
      return `read_parquet(${file})`;
    case 'json':
    case 'jsonl':
      return `read_json(${file}, ${jsonOptions(reading)})`;
  }
}

function jsonOptions({ format, packed, forgiving, typeRows }: Reading): string {
  return [
    `format = '${format === 'json' ? 'array' : 'newline_delimited'}'`,
    `compression = '${packed ? 'gzip' : 'uncompressed'}'`,
    "records = 'true'",
    `sample_size = ${typeRows}`,
    `maximum_object_size = ${LARGEST_JSON_RECORD}`,
    ...(forgiving && format === 'jsonl' ? ['ignore_errors = true'] : []),
  ].join(', ');
}

function csvOptions({ encoding, delimiter, typeRows, forgiving }: Reading): string {
  const words = MISSING_WORDS.map((word) => `'${word}'`).join(', ');
  return [
    'header = true',
    `encoding = '${encoding}'`,
    `nullstr = [${words}]`,
    `sample_size = ${typeRows}`,
    `max_line_size = ${LONGEST_LINE}`,
    // No BOOLEAN: it would also take T and F, which scripts see as text.
    "auto_type_candidates = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIME', 'VARCHAR']",
    ...(delimiter === null ? [] : [`delim = ${literal(delimiter)}`, `quote = '"'`, `escape = '"'`]),
    ...(forgiving ? ['strict_mode = false', 'null_padding = true', 'ignore_errors = true', 'parallel = false'] : []),
  ].join(', ');
}

function list(columns: readonly SqlColumn[]): string {
  return columns.map(({ name }) => identifier(name)).join(', ');
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
