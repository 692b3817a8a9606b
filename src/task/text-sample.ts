import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decode, decodeStream } from 'iconv-lite';
import { z } from 'zod';
import type { TableFile } from './table-file';
import { splitRecords } from './table-header';
import type { TableHead } from './table-header';
import { iconvName } from './text-encoding';
import { blockOf, chunksOf, withUnpacked } from './unpacked';

/** A part read from one place of a file, in bytes: long enough to find the start of a row in. */
const PART_BYTES = 4 * 1024 * 1024;

/** Lines that are tried as the first of a part. */
const STARTS_TRIED = 20;

/** How many rows must fit the header after such a line, and in how many characters they are looked for at least. */
const ROWS_TRIED = 5;
const TRIED_CHARACTERS = 32 * 1024;

const LINE_FEED = 10;

/** What a written text has of its table. */
export interface TextSample {
  readonly complete: boolean;
  readonly bytes: number;
}

const textSchema = z.string();

/**
 * Writes the first lines of a table to `target`, unpacked and in UTF-8: all of them when they have no more than `most`
 * bytes.
 *
 * @throws the system's error, or the one of unpacking
 */
export async function writeBeginning(
  table: TableFile,
  encoding: string | null,
  target: string,
  most: number,
): Promise<TextSample> {
  let written = 0;
  let complete = true;
  async function* limited(content: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(content)) {
      const room = most - written;
      complete = chunk.length <= room;
      const kept = complete ? chunk : chunk.subarray(0, chunk.subarray(0, room).lastIndexOf(LINE_FEED) + 1);
      written += kept.length;
      yield kept;
      if (!complete) return;
    }
  }
  await withUnpacked(table, async (content) => {
    const inUtf8 = encoding === null ? content : Readable.from(recoded(content, encoding));
    await pipeline(inUtf8, limited, createWriteStream(target));
  });
  return { complete, bytes: written };
}

/** The same text in UTF-8. */
export async function* recoded(content: Readable, encoding: string): AsyncGenerator<Buffer> {
  const decoder = content.pipe(decodeStream(iconvName(encoding)));
  content.once('error', (error) => {
    if (decoder instanceof Readable) decoder.destroy(error);
  });
  const texts: AsyncIterable<unknown> = Readable.from(decoder);
  for await (const text of texts) yield Buffer.from(textSchema.parse(text), 'utf8');
}

/**
 * Writes rows from all over a file that is not packed to `target`, in UTF-8: the beginning with the header, and parts
 * spread evenly up to the end, `most` bytes together. A part begins at a row that fits the header and ends with a whole
 * one, so that line breaks in quotes do no harm; where no such row is found, the part is left out.
 *
 * @param head null for lines of JSON
 */
export async function writeSpread(
  file: string,
  size: number,
  head: TableHead | null,
  target: string,
  most: number,
): Promise<TextSample> {
  const parts = Math.max(1, Math.floor(most / PART_BYTES));
  const partBytes = Math.min(PART_BYTES, most);
  const handle = await open(target, 'w');
  let bytes = 0;
  try {
    for (let part = 0; part < parts; part++) {
      const start = parts === 1 ? 0 : evenly(((size - partBytes) * part) / (parts - 1));
      const text = decode(await blockOf(file, start, partBytes), iconvName(head?.encoding ?? 'utf-8'), {
        stripBOM: part === 0,
      });
      const rows = wholeRows(text, part === 0 ? 0 : firstRowIn(text, head), head !== null);
      if (rows === '') continue;
      bytes += (await handle.write(rows)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
  return { complete: false, bytes };
}

/** Encodings with two or four bytes a letter are not to be cut within one. */
function evenly(position: number): number {
  return Math.floor(position / 4) * 4;
}

/** Where the first row that fits begins; behind the text when there is none. */
function firstRowIn(text: string, head: TableHead | null): number {
  let start = text.indexOf('\n') + 1;
  // Rows of a very wide table are longer than all that suffices elsewhere.
  const characters = Math.max(TRIED_CHARACTERS, 2 * ROWS_TRIED * (head?.lineBytes ?? 0));
  for (let tried = 0; tried < STARTS_TRIED && start > 0; tried++) {
    if (head === null || head.columns.length === 1 || fits(text.slice(start, start + characters), head)) {
      return start;
    }
    start = text.indexOf('\n', start) + 1;
  }
  return text.length;
}

function fits(text: string, { delimiter, columns }: TableHead): boolean {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const rows = splitRecords(whole, delimiter, ROWS_TRIED);
  return rows.length > 0 && rows.every((row) => row.length === columns.length);
}

/** From `start` to the last line break that stands in no quotes. */
function wholeRows(text: string, start: number, quotes: boolean): string {
  if (!quotes) return text.slice(start, text.lastIndexOf('\n') + 1);
  let quoted = false;
  let end = start;
  for (let index = start; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 34) quoted = !quoted;
    else if (character === LINE_FEED && !quoted) end = index + 1;
  }
  return text.slice(start, end);
}
