import type { TableFormat, TableReading } from '../domain/preview';
import { listZip } from './zip-file';

/** Where a table lies and how it is packed. */
export interface TableFile {
  readonly absolute: string;
  readonly format: TableFormat;
  readonly compression: TableReading['compression'];
  /** Name inside of a zip; null otherwise. */
  readonly member: string | null;
}

const NAME = /\.(csv|tsv|tab|parquet|pq|json|jsonl|ndjson)(\.gz)?$/i;

const FORMATS: Readonly<Record<string, TableFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  parquet: 'parquet',
  pq: 'parquet',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** Whether the name is that of a table, packed by gzip or not. */
export function isTableName(name: string): boolean {
  return kindOfName(name) !== null;
}

/** Whether the name is that of a CSV or TSV file which is not packed. */
export function isPlainTextTable(name: string): boolean {
  const kind = kindOfName(name);
  return kind?.format === 'csv' && kind.compression === null;
}

export function isZipName(name: string): boolean {
  return /\.zip$/i.test(name);
}

/** A table's name without the endings that say how it is written: `train` of `train.csv.gz`. */
export function tableStem(name: string): string {
  return name.replace(/\.zip$/i, '').replace(NAME, '');
}

/**
 * The tables in a file: itself, or those in a zip; none when it is something else.
 *
 * @throws the system's error, or one that says what is wrong with the zip
 */
export async function tablesIn(absolute: string): Promise<readonly TableFile[]> {
  if (!isZipName(absolute)) {
    const kind = kindOfName(absolute);
    return kind === null ? [] : [{ absolute, ...kind, member: null }];
  }
  const { entries } = await listZip(absolute);
  return entries.flatMap(({ path }): TableFile[] => {
    const kind = kindOfName(path);
    // Packed twice is more than pandas unpacks.
    if (kind?.compression !== null) return [];
    return [{ absolute, format: kind.format, compression: 'zip', member: path }];
  });
}

function kindOfName(name: string): Pick<TableFile, 'format' | 'compression'> | null {
  const [, ending = '', packed] = NAME.exec(name) ?? [];
  const format = FORMATS[ending.toLowerCase()];
  if (format === undefined || (format === 'parquet' && packed !== undefined)) return null;
  return { format, compression: packed === undefined ? null : 'gzip' };
}
