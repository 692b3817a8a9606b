import type { TableFile } from './table-file';
import { firstBytes } from './unpacked';

/** Enough to see how a file begins, and its first record where that is not huge. */
const LOOKED_AT = 256 * 1024;

/**
 * What a file named `.json` holds, by its first bytes: one list of records, one record a line, or something else.
 *
 * @throws the system's error, or the one of unpacking
 */
export async function jsonShape(file: TableFile): Promise<'json' | 'jsonl' | 'other'> {
  const text = (await firstBytes(file, LOOKED_AT))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^\[\s*\{/.test(text)) return 'json';
  const [first = '', second = ''] = text.split(/\r?\n/);
  // A single record is settings more often than a table of one row.
  return isRecord(first) && second.trimStart().startsWith('{') ? 'jsonl' : 'other';
}

function isRecord(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
