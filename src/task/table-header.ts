import { parse } from 'csv-parse/sync';
import { decode } from 'iconv-lite';
import { z } from 'zod';
import type { TableFile } from './table-file';
import { detectEncoding, iconvName } from './text-encoding';
import { firstBytes } from './unpacked';

/** Enough for a header line of some hundred thousand columns. */
const HEAD_BYTES = 4 * 1024 * 1024;

/** Records after the header that tell which delimiter is meant, and how far they are looked for, in characters. */
const RECORDS_COMPARED = 20;
const COMPARED_CHARACTERS = 64 * 1024;

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** What the first bytes of a CSV or TSV table say, without reading the rest of it. */
export interface TableHead {
  /** Name of Python's codec; `utf-8` also with a byte order mark. */
  readonly encoding: string;
  readonly byteOrderMark: boolean;
  readonly delimiter: string;
  /** Column names as pandas gives them: `a`, `a.1` for a name that comes twice, `Unnamed: 3` for an empty one. */
  readonly columns: readonly string[];
  /** Mean length of the lines looked at, in bytes once unpacked. */
  readonly lineBytes: number;
}

export type TableHeadResult =
  { readonly ok: true; readonly head: TableHead } | { readonly ok: false; readonly message: string };

/**
 * Reads encoding, delimiter and column names from the first bytes of text with separators; quick however large the
 * file.
 *
 * @throws the system's error when the file cannot be read, or the one of unpacking
 */
export async function readTableHead(table: TableFile): Promise<TableHeadResult> {
  const bytes = await firstBytes(table, HEAD_BYTES);
  if (bytes.length === 0) return { ok: false, message: 'it is empty' };
  const encoding = detectEncoding(bytes);
  if (encoding === null) return { ok: false, message: 'it is not a text file' };
  const { codec, byteOrderMark } = encoding;
  const text = decode(bytes, iconvName(codec));
  const record = firstRecord(text);
  if (record === '') return { ok: false, message: 'it has no header line' };
  const after = text.indexOf(record) + record.length;
  const nextLines = wholeLines(text.slice(after, after + COMPARED_CHARACTERS));
  const { delimiter, columns } = splitHeader(
    record,
    nextLines,
    /\.(tsv|tab)(\.gz)?$/i.test(table.member ?? table.absolute),
  );
  const lineBytes = bytes.length / linesOf(text);
  return { ok: true, head: { encoding: codec, byteOrderMark, delimiter, columns: pandasNames(columns), lineBytes } };
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

/**
 * The delimiter that parts the header into most cells; of those that do so alike, the one by which the next lines have
 * as many.
 */
function splitHeader(
  record: string,
  nextLines: string,
  tabsFirst: boolean,
): { readonly delimiter: string; readonly columns: readonly string[] } {
  const candidates = tabsFirst ? ['\t', ...DELIMITERS.filter((delimiter) => delimiter !== '\t')] : DELIMITERS;
  return candidates
    .filter((delimiter, index) => index === 0 || record.includes(delimiter))
    .map((delimiter) => ({ delimiter, columns: splitRecord(record, delimiter) }))
    .map((candidate) => ({ ...candidate, fits: sharing(nextLines, candidate) }))
    .reduce((best, candidate) =>
      candidate.columns.length > 1 && (best.columns.length === 1 || candidate.fits > best.fits) ? candidate : best,
    );
}

/** Share of the lines that have as many cells as the header, in steps of a tenth and with more cells counting more. */
function sharing(lines: string, { delimiter, columns }: { delimiter: string; columns: readonly string[] }): number {
  const rows = splitRecords(lines, delimiter);
  const alike = rows.filter((row) => row.length === columns.length).length;
  const share = rows.length === 0 ? 1 : alike / rows.length;
  return (share >= 0.5 ? 1000 : 1) * columns.length + Math.floor(share * 10) / 100;
}

function splitRecord(record: string, delimiter: string): readonly string[] {
  return splitRecords(record, delimiter, 1)[0] ?? record.split(delimiter);
}

/** The first records of a text, as far as they can be told; none when quotes are not closed. */
export function splitRecords(text: string, delimiter: string, most = RECORDS_COMPARED): readonly (readonly string[])[] {
  const options = { delimiter, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, to: most };
  try {
    return z.array(z.array(z.string())).parse(parse(text, options));
  } catch {
    return [];
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

/** Without the last line where that may have been cut off. */
function wholeLines(text: string): string {
  return text.length < COMPARED_CHARACTERS ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
