import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDbSession } from './duckdb-session';
import type { FoundTable } from './list-data';
import type { PreviewLimits } from './preview-limits';
import type { TableHead } from './table-header';
import type { TableSource } from './table-preview';
import { parquetRowsSql } from './table-sql';
import { writeBeginning, writeSpread } from './text-sample';

/** Records looked at of a JSON array or Parquet file that is too large to be read whole. */
const SAMPLE_ROWS = 200_000;

/** Time that the last bytes of a Parquet file take to read, in milliseconds. */
const FOOTER_MILLISECONDS = 5000;

type Prepared = Pick<TableSource, 'literal' | 'bytes' | 'whole' | 'rowLimit' | 'rowsEstimated' | 'file'>;

/** A table with what is known of it before its rows are read. */
export interface ReadableTable extends FoundTable {
  /** Null for what is no text with separators. */
  readonly head: TableHead | null;
  /** SQL literal of the file itself. */
  readonly literal: string;
  /** Whether its size allows for reading all of it. */
  readonly small: boolean;
}

/**
 * Brings a table into a form that the database reads, and gives it to `use`. Plain UTF-8, JSON and Parquet stay where
 * they are; what is packed, in another encoding, or too large is written to the session's scratch directory, in part
 * when it is large, and removed afterwards.
 *
 * @throws the system's error, or the one of unpacking
 */
export async function withPrepared<T>(
  session: DuckDbSession,
  table: ReadableTable,
  limits: PreviewLimits,
  use: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { format, compression, absolute } = table.file;
  if (compression === null && format === 'parquet') return use(await parquet(session, table));
  if (format === 'json' && compression !== 'zip') return use(asItIs(table, SAMPLE_ROWS));
  if (compression === null && table.small && (table.head?.encoding ?? 'utf-8') === 'utf-8')
    return use(asItIs(table, null));
  const scratch = path.join(session.scratch, `unpacked.${format}`);
  try {
    const spread = compression === null && !table.small;
    const encoding = table.head?.encoding ?? null;
    const sample = spread
      ? await writeSpread(absolute, table.bytes, table.head, scratch, limits.sampleBytes)
      : await writeBeginning(table.file, encoding === 'utf-8' ? null : encoding, scratch, limits.sampleBytes);
    if (!sample.complete && (format === 'parquet' || format === 'json')) {
      throw new Error(`it has more than ${Math.round(limits.sampleBytes / 1e6)} MB once unpacked`);
    }
    const literal = `'${scratch.replaceAll("'", "''")}'`;
    return await use({
      file: { ...table.file, compression: null },
      literal,
      bytes: sample.bytes,
      whole: sample.complete,
      rowLimit: null,
      rowsEstimated: (rows) => (spread && sample.bytes > 0 ? round((rows * table.bytes) / sample.bytes) : null),
    });
  } finally {
    await rm(scratch, { force: true });
  }
}

function asItIs(table: ReadableTable, mostRows: number | null): Prepared {
  const { file, literal, bytes, small } = table;
  return { file, literal, bytes, whole: small, rowLimit: small ? null : mostRows, rowsEstimated: () => null };
}

async function parquet(session: DuckDbSession, table: ReadableTable): Promise<Prepared> {
  const [row] = await session.query(parquetRowsSql(table.literal), FOOTER_MILLISECONDS);
  const rows = Number(row?.[0] ?? 0);
  const rowLimit = table.small ? null : SAMPLE_ROWS;
  return { ...asItIs(table, rowLimit), rowLimit, rowsEstimated: () => rows };
}

/** To three digits: it is an estimate. */
function round(rows: number): number {
  return Math.round(Number(rows.toPrecision(3)));
}
