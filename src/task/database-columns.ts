import path from 'node:path';
import { z } from 'zod';
import { withDuckDb } from './duckdb-session';
import type { TableFile } from './table-file';
import { describeSql } from './table-sql';
import { writeBeginning } from './text-sample';

/** Records that the names of columns are drawn from. */
const RECORDS = 20_480;

/** Most of a zipped file that is unpacked for its columns, in bytes. */
const UNPACKED_BYTES = 64 * 1024 * 1024;

const MILLISECONDS = 10_000;

const columnsSchema = z.array(z.tuple([z.string()]).rest(z.unknown()));

/**
 * The columns of a Parquet or JSON table.
 *
 * @throws the error of the database or of unpacking
 */
export async function databaseColumns(table: TableFile): Promise<readonly string[]> {
  const { format, compression, absolute } = table;
  return withDuckDb([absolute], async ({ literals, scratch, query }) => {
    const unpacked = path.join(scratch, 'unpacked');
    if (compression === 'zip') await writeBeginning(table, null, unpacked, UNPACKED_BYTES);
    const reading = {
      file: compression === 'zip' ? `'${unpacked.replaceAll("'", "''")}'` : (literals[0] ?? ''),
      format,
      packed: compression === 'gzip',
      encoding: 'utf-8',
      delimiter: null,
      typeRows: RECORDS,
      forgiving: false,
      rowLimit: null,
    } as const;
    return columnsSchema.parse(await query(describeSql(reading), MILLISECONDS)).map(([name]) => name);
  });
}
