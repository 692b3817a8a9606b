import { databaseColumns } from './database-columns';
import { jsonShape } from './json-shape';
import type { TableFile } from './table-file';
import { readTableHead } from './table-header';
import { pathProblem } from './task-problem';

export type TableColumns =
  { readonly ok: true; readonly columns: readonly string[] } | { readonly ok: false; readonly message: string };

/** The names of a table's columns, as pandas gives them; of its rows no more is read than that takes. */
export async function columnsOf(table: TableFile): Promise<TableColumns> {
  try {
    if (table.format === 'csv') {
      const result = await readTableHead(table);
      return result.ok ? { ok: true, columns: result.head.columns } : result;
    }
    const format = table.format === 'json' ? await jsonShape(table) : table.format;
    if (format === 'other') return { ok: false, message: 'it is no list of records' };
    return { ok: true, columns: await databaseColumns({ ...table, format }) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, message: `it ${pathProblem(error) ?? `cannot be read: ${text.split('\n')[0] ?? ''}`}` };
  }
}
