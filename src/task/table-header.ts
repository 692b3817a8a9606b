import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

/** Enough for a header line of some hundred thousand columns. */
const HEAD_BYTES = 4 * 1024 * 1024;

const DELIMITERS = [',', ';', '\t', '|'] as const;

export type TextEncoding = 'utf-8' | 'utf-16' | 'latin-1';

/** What the first bytes of a table say, without reading the rest of it. */
export interface TableHead {
  readonly encoding: TextEncoding;
  readonly delimiter: string;
  /** Column names as pandas gives them: `a`, `a.1` for a name that comes twice, `Unnamed: 3` for an empty one. */
  readonly columns: readonly string[];
  /** Mean length of the lines looked at, in bytes. */
  readonly lineBytes: number;
}

export type TableHeadResult =
  { readonly ok: true; readonly head: TableHead } | { readonly ok: false; readonly message: string };

/** Whether the name is that of a table this code reads. */
export function isTableName(name: string): boolean {
  return /\.(csv|tsv)$/i.test(name);
}

/**
 * Reads encoding, delimiter and column names from a file's first bytes; quick however large the file.
 *
 * @throws the system's error when the file cannot be read
 */
export async function readTableHead(file: string): Promise<TableHeadResult> {
  const bytes = await readFirstBytes(file);
  if (bytes.length === 0) return { ok: false, message: 'it is empty' };
  const encoding = encodingOf(bytes);
  if (encoding === null) return { ok: false, message: 'it is not a text file' };
  const record = firstRecord(decode(bytes, encoding));
  if (record === '') return { ok: false, message: 'it has no header line' };
  const { delimiter, columns } = splitHeader(record, /\.tsv$/i.test(file));
  return { ok: true, head: { encoding, delimiter, columns: pandasNames(columns), lineBytes: lineLength(bytes) } };
}

async function readFirstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(HEAD_BYTES, (await handle.stat()).size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function encodingOf(bytes: Buffer): TextEncoding | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16';
  if (bytes.includes(0)) return null;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'latin-1';
  }
}

function decode(bytes: Buffer, encoding: TextEncoding): string {
  const label = { 'utf-8': 'utf-8', 'utf-16': 'utf-16le', 'latin-1': 'latin1' }[encoding];
  return new TextDecoder(label).decode(bytes);
}

/** The first line that is not empty; a line break between quotes does not end it. */
function firstRecord(text: string): string {
  const start = text.search(/[^\r\n]/);
  if (start === -1) return '';
  let quoted = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '"') {
      if (quoted) quoted = false;
      else quoted = index === start || /[,;\t|"]/.test(text[index - 1] ?? '');
    } else if (!quoted && (character === '\n' || character === '\r')) {
      return text.slice(start, index);
    }
  }
  return quoted ? (/^[^\r\n]*/.exec(text.slice(start))?.[0] ?? '') : text.slice(start);
}

function splitHeader(
  record: string,
  tabsFirst: boolean,
): { readonly delimiter: string; readonly columns: readonly string[] } {
  const candidates = tabsFirst ? ['\t', ...DELIMITERS.filter((delimiter) => delimiter !== '\t')] : DELIMITERS;
  return candidates
    .filter((delimiter, index) => index === 0 || record.includes(delimiter))
    .map((delimiter) => ({ delimiter, columns: splitRecord(record, delimiter) }))
    .reduce((best, candidate) => (candidate.columns.length > best.columns.length ? candidate : best));
}

function splitRecord(record: string, delimiter: string): readonly string[] {
  try {
    const rows = z.array(z.array(z.string())).parse(parse(record, { delimiter, relax_quotes: true, to: 1 }));
    return rows[0] ?? [];
  } catch {
    return record.split(delimiter);
  }
}

function pandasNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, position) => {
    const base = name === '' ? `Unnamed: ${position}` : name;
    let candidate = base;
    for (let copy = 1; taken.has(candidate); copy++) candidate = `${base}.${copy}`;
    taken.add(candidate);
    return candidate;
  });
}

function lineLength(bytes: Buffer): number {
  let lines = 1;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return bytes.length / lines;
}
