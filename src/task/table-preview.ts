import { z } from 'zod';
import type { ColumnPreview, TablePreview } from '../domain/preview';
import { QueryTimeout } from './duckdb-session';
import type { DuckDbSession } from './duckdb-session';
import type { PreviewLimits } from './preview-limits';
import { describeColumn, statisticsSchema } from './column-preview';
import type { TableHead } from './table-header';
import { columnTypeOf, delimiterSql, describeSql, firstRowsSql, statisticsSql } from './table-sql';
import type { Reading, SqlColumn } from './table-sql';

/** Rows that column types are first drawn from; when a later row does not fit, all rows are looked at. */
const FIRST_TYPE_ROWS = 20_480;

/** Longest column name that is kept whole. */
const NAME_LENGTH = 200;

/** A table to describe. */
export interface TableSource {
  /** Path below the data directory. */
  readonly path: string;
  /** SQL literal of the file. */
  readonly literal: string;
  readonly bytes: number;
  readonly head: TableHead;
  /** Whether all of it may be read. */
  readonly whole: boolean;
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
  const sampleRows = Math.max(1, Math.floor(limits.sampleBytes / source.head.lineBytes));
  const rowLimit = source.whole ? null : sampleRows;
  try {
    return await tryReadings(session, source, { limits, rowLimit, end: halfWay(deadline) });
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

function attemptsFor({ literal, head }: TableSource, rowLimit: number | null): readonly Attempt[] {
  const base: Reading = {
    file: literal,
    encoding: head.encoding,
    // A header without any delimiter says nothing: a title line, or a single column of prose with commas in it.
    delimiter: head.columns.length > 1 ? head.delimiter : null,
    typeRows: Math.min(FIRST_TYPE_ROWS, rowLimit ?? FIRST_TYPE_ROWS),
    forgiving: false,
    rowLimit,
  };
  const allTypes: Reading = { ...base, typeRows: rowLimit ?? -1 };
  const encodingNote = head.encoding === 'utf-8' ? null : `it is not UTF-8 but ${head.encoding}`;
  const latin: Reading = { ...allTypes, encoding: 'latin-1' };
  const uneven = 'not every line fits the header: short ones are filled up, broken ones left out';
  return [
    { reading: base, note: encodingNote },
    { reading: allTypes, note: encodingNote },
    ...(head.encoding === 'utf-8' ? [{ reading: latin, note: 'it is not UTF-8 throughout; read as latin-1' }] : []),
    { reading: { ...allTypes, forgiving: true }, note: uneven },
  ];
}

async function readTable(
  session: DuckDbSession,
  source: TableSource,
  reading: Reading,
  { limits, end }: Bounds,
): Promise<TablePreview> {
  const query = (sql: string) => session.query(sql, Math.max(0, end - performance.now()));
  const all = describeRowsSchema
    .parse(await query(describeSql(reading)))
    .map(([name, type]): SqlColumn => ({ name, type: columnTypeOf(type) }));
  const names = source.head.columns.length === all.length ? source.head.columns : all.map(({ name }) => name);
  const chosen = chooseColumns(names, source.importantColumns, limits.columns);
  const columns = chosen.flatMap((position) => all[position] ?? []);
  const exactDistinct = source.whole && source.bytes <= limits.exactDistinctBytes;
  const [[rows, ...statistics]] = statisticsRowSchema.parse(
    await query(statisticsSql(reading, columns, exactDistinct)),
  );
  const firstRows = firstRowsSchema.parse(await query(firstRowsSql(reading, columns)));
  return {
    path: source.path,
    delimiter: reading.delimiter ?? (await findDelimiter(query, reading, all.length)),
    rows,
    rowsExact: reading.rowLimit === null && !reading.forgiving,
    columns: columns.flatMap((column, index): ColumnPreview[] => {
      const found = statistics[index];
      const name = (names[chosen[index] ?? 0] ?? column.name).slice(0, NAME_LENGTH);
      const values = firstRows.map((row) => row[index] ?? null);
      return found === undefined ? [] : [describeColumn({ name, type: column.type, rows, statistics: found, values })];
    }),
    columnsLeftOut: all.length - columns.length,
  };
}

/** Positions to describe: the first ones, and the important ones wherever they are. */
function chooseColumns(names: readonly string[], important: readonly string[], most: number): readonly number[] {
  const positions = names.map((_, position) => position);
  if (names.length <= most) return positions;
  const kept = positions.filter((position) => important.includes(names[position] ?? '')).slice(0, most);
  const others = positions.filter((position) => !kept.includes(position)).slice(0, most - kept.length);
  return [...kept, ...others].sort((left, right) => left - right);
}

async function findDelimiter(
  query: (sql: string) => Promise<readonly (readonly unknown[])[]>,
  reading: Reading,
  columns: number,
): Promise<string> {
  if (columns === 1) return ',';
  return delimiterRowSchema.parse(await query(delimiterSql(reading)))[0][0];
}
