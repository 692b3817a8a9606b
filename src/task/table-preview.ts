import { z } from 'zod';
import type { ColumnPreview, TablePreview } from '../domain/preview';
import { isIso, understand } from './column-meanings';
import type { Understood } from './column-meanings';
import { describeColumn, statisticsSchema } from './column-preview';
import type { ColumnStatistics } from './column-preview';
import { QueryTimeout } from './duckdb-session';
import type { DuckDbSession } from './duckdb-session';
import { chooseColumns } from './narrow-table';
import { PLAIN_MARKS } from './number-marks';
import type { PreviewLimits } from './preview-limits';
import type { TableFile } from './table-file';
import type { TableHead } from './table-header';
import { delimiterSql, describeSql, firstRowsSql, sqlColumn, statisticsSql } from './table-sql';
import type { Reading, SqlColumn } from './table-sql';

/** Rows that column types are first drawn from; when a later row does not fit, all rows are looked at. */
const FIRST_TYPE_ROWS = 20_480;

/** Share of the values of a date column that must be dates; the others are as good as missing. */
const LEAST_DATES = 0.95;

/** Rows among which the examples of columns that are not text are looked for. */
const ROWS_FOR_EXAMPLES = 100;

/** Longest column name that is kept whole. */
const NAME_LENGTH = 200;

/** A table to describe. */
export interface TableSource {
  /** Path below the data directory. */
  readonly path: string;
  readonly file: Pick<TableFile, 'format' | 'compression' | 'member'>;
  /** SQL literal of what the database reads: the file itself, or an unpacked sample of it in UTF-8. */
  readonly literal: string;
  readonly bytes: number;
  /** Null for what is no text with separators. */
  readonly head: TableHead | null;
  /** Whether the literal has all rows, and all of them may be read. */
  readonly whole: boolean;
  /** Most rows to read of what is not sampled; null for all. */
  readonly rowLimit: number | null;
  /** Rows in all, where something tells. */
  readonly rowsEstimated: (rowsLookedAt: number) => number | null;
  /** Columns that are described even in a very wide table. */
  readonly importantColumns: readonly string[];
}

/** A table's description; `note` says what was odd in reading it. */
export interface DescribedTable {
  readonly table: TablePreview;
  readonly note: string | null;
}

const describeRowsSchema = z.array(z.tuple([z.string(), z.string()]).rest(z.unknown()));
const statisticsRowSchema = z.tuple([z.tuple([z.number()]).rest(statisticsSchema)]);
const firstRowsSchema = z.array(z.array(z.string().nullable()));
const delimiterRowSchema = z.tuple([z.tuple([z.string()])]);

interface Attempt {
  readonly reading: Reading;
  readonly note: string | null;
}

/**
 * Describes one table, reading ever more forgivingly until it can be read.
 *
 * @param deadline when to be done, in milliseconds of `performance.now()`
 * @throws the database's error for the last attempt, or QueryTimeout
 */
export async function describeTable(
  session: DuckDbSession,
  source: TableSource,
  limits: PreviewLimits,
  deadline: number,
): Promise<DescribedTable> {
  try {
    return await tryReadings(session, source, { limits, rowLimit: source.rowLimit, end: halfWay(deadline) });
  } catch (error) {
    if (!(error instanceof QueryTimeout)) throw error;
    return await tryReadings(session, source, { limits, rowLimit: limits.quickRows, end: deadline });
  }
}

function halfWay(deadline: number): number {
  const now = performance.now();
  return now + ((deadline - now) * 2) / 3;
}

interface Bounds {
  readonly limits: PreviewLimits;
  readonly rowLimit: number | null;
  readonly end: number;
}

async function tryReadings(session: DuckDbSession, source: TableSource, bounds: Bounds): Promise<DescribedTable> {
  let lastError: unknown = new Error('it could not be read');
  for (const { reading, note } of attemptsFor(source, bounds.rowLimit)) {
    try {
      return { table: await readTable(session, source, reading, bounds), note };
    } catch (error) {
      if (error instanceof QueryTimeout) throw error;
      lastError = error;
    }
  }
  throw lastError;
}

function attemptsFor({ literal, file, head }: TableSource, rowLimit: number | null): readonly Attempt[] {
  const base: Reading = {
    file: literal,
    format: file.format,
    packed: file.compression === 'gzip',
    encoding: 'utf-8',
    // A header without any delimiter says nothing: a title line, or a single column of prose with commas in it.
    delimiter: head !== null && head.columns.length > 1 ? head.delimiter : null,
    typeRows: Math.min(FIRST_TYPE_ROWS, rowLimit ?? FIRST_TYPE_ROWS),
    forgiving: false,
    rowLimit,
  };
  const allTypes: Reading = { ...base, typeRows: rowLimit ?? -1 };
  const uneven = 'not every line fits the header: short ones are filled up, broken ones left out';
  const broken = 'not every line can be read: broken ones are left out';
  if (head === null) {
    const attempts = [base, allTypes].map((reading) => ({ reading, note: null }));
    return [...attempts, { reading: { ...allTypes, forgiving: true }, note: broken }];
  }
  const latin: Reading = { ...allTypes, encoding: 'latin-1' };
  const isUtf8 = head.encoding === 'utf-8';
  const note = isUtf8 ? null : `it is not UTF-8 but ${head.encoding}`;
  return [
    { reading: base, note },
    { reading: allTypes, note },
    ...(isUtf8 ? [{ reading: latin, note: 'it is not UTF-8 throughout; read as latin-1' }] : []),
    { reading: { ...allTypes, forgiving: true }, note: uneven },
  ];
}

type Query = (sql: string) => Promise<readonly (readonly unknown[])[]>;

async function readTable(
  session: DuckDbSession,
  source: TableSource,
  reading: Reading,
  { limits, end }: Bounds,
): Promise<TablePreview> {
  const query: Query = (sql) => session.query(sql, Math.max(0, end - performance.now()));
  const found = describeRowsSchema
    .parse(await query(describeSql(reading)))
    .map(([name, type]) => sqlColumn(name, type));
  const all = fitting(found, source.head, reading);
  const { head } = source;
  const names = head?.columns.length === all.length ? head.columns : all.map(({ name }) => name);
  const chosen = chooseColumns(names, source.importantColumns, limits.columns);
  const columns = chosen.flatMap((position) => all[position] ?? []);
  const firstRows = firstRowsSchema.parse(await query(firstRowsSql(reading, columns)));
  const values = columns.map((_, index) => firstRows.map((row) => row[index] ?? null));
  const delimiter = head === null ? ',' : (reading.delimiter ?? (await findDelimiter(query, reading, all.length)));
  const understood = understand(columns, values.map(present), { format: source.file.format, delimiter });
  const exactDistinct = source.whole && source.bytes <= limits.exactDistinctBytes;
  const facts = await borneOut(query, reading, columns, understood, exactDistinct);
  const { compression, format, member } = source.file;
  const rowsExact = source.whole && reading.rowLimit === null && !reading.forgiving;
  return {
    path: source.path,
    format,
    compression,
    member,
    encoding: encodingOf(head, reading),
    delimiter,
    ...facts.marks,
    rows: facts.rows,
    rowsExact,
    rowsEstimated: rowsExact ? null : source.rowsEstimated(facts.rows),
    columns: facts.columns.flatMap((column, index): ColumnPreview[] => {
      const statistics = facts.statistics[index];
      if (statistics === undefined) return [];
      const name = (names[chosen[index] ?? 0] ?? column.name).slice(0, NAME_LENGTH);
      const dateFormats = dateFormatsIn(column);
      const first = (values[index] ?? []).slice(0, ROWS_FOR_EXAMPLES);
      return [describeColumn({ name, type: column.type, rows: facts.rows, statistics, values: first, dateFormats })];
    }),
    columnsLeftOut: all.length - columns.length,
  };
}

function encodingOf(head: TableHead | null, reading: Reading): string {
  if (head === null) return 'utf-8';
  if (reading.encoding === 'latin-1') return 'latin-1';
  return head.encoding === 'utf-8' && head.byteOrderMark ? 'utf-8-sig' : head.encoding;
}

function present(values: readonly (string | null)[]): readonly string[] {
  return values.filter((value) => value !== null);
}

function dateFormatsIn({ meaning }: SqlColumn): readonly string[] {
  return meaning?.kind !== 'date' || meaning.formats.every(isIso) ? [] : meaning.formats;
}

interface Facts extends Understood {
  readonly rows: number;
  readonly statistics: readonly ColumnStatistics[];
}

/** The statistics, once more without the meanings of columns in which later rows have another. */
async function borneOut(
  query: Query,
  reading: Reading,
  plain: readonly SqlColumn[],
  { columns, marks }: Understood,
  exactDistinct: boolean,
): Promise<Facts> {
  const [[rows, ...statistics]] = statisticsRowSchema.parse(
    await query(statisticsSql(reading, columns, exactDistinct)),
  );
  const kept = columns.map((column, index) => (holds(column, statistics[index]) ? column : (plain[index] ?? column)));
  const numbers = kept.some(({ meaning }) => meaning?.kind === 'number');
  const settled = { columns: kept, marks: numbers ? marks : PLAIN_MARKS };
  if (kept.every((column, index) => column === columns[index])) return { ...settled, rows, statistics };
  return borneOut(query, reading, plain, settled, exactDistinct);
}

function holds({ meaning }: SqlColumn, statistics: ColumnStatistics | undefined): boolean {
  if (meaning === null || statistics === undefined) return true;
  const { understood = 0, present: values } = statistics;
  return meaning.kind === 'number' ? understood === values : understood >= LEAST_DATES * values;
}

/**
 * The columns that the header names. Where lines do not fit it, the database may take another line for the header; read
 * forgivingly, cells beyond the header are left out.
 *
 * @throws Error when a more forgiving reading is called for
 */
function fitting(found: readonly SqlColumn[], head: TableHead | null, reading: Reading): readonly SqlColumn[] {
  if (head === null || reading.delimiter === null || found.length === head.columns.length) return found;
  if (!reading.forgiving) throw new Error('its lines do not fit its header');
  return found.slice(0, head.columns.length);
}

async function findDelimiter(query: Query, reading: Reading, columns: number): Promise<string> {
  if (columns === 1) return ',';
  return delimiterRowSchema.parse(await query(delimiterSql(reading)))[0][0];
}
