import { Readable } from 'node:stream';
import { tablesIn } from './table-file';
import { readTableHead } from './table-header';
import { recoded } from './text-sample';
import { withUnpacked } from './unpacked';

/** The text of a table with separators, in UTF-8. */
export interface TableText {
  readonly content: Readable;
  readonly delimiter: string;
}

/**
 * Gives the whole text of a CSV or TSV file to `use`, unpacked and decoded, as a stream.
 *
 * @throws the system's error, the one of unpacking, or one that says why it is no such file
 */
export async function withTableText<T>(file: string, use: (text: TableText) => Promise<T>): Promise<T> {
  const [table] = await tablesIn(file);
  if (table?.format !== 'csv') throw new Error('it is no CSV or TSV file');
  const result = await readTableHead(table);
  if (!result.ok) throw new Error(result.message);
  const { encoding, delimiter } = result.head;
  return withUnpacked(table, (content) =>
    use({ content: encoding === 'utf-8' ? content : Readable.from(recoded(content, encoding)), delimiter }),
  );
}
