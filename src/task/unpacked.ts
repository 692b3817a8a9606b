import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { TableFile } from './table-file';
import { readFromZip } from './zip-file';

const chunkSchema = z.instanceof(Buffer);

/**
 * Gives a table's bytes, unpacked, to `use`. Of a packed file no more is unpacked than is read.
 *
 * @throws the system's error, or the one of unpacking
 */
export async function withUnpacked<T>(table: TableFile, use: (content: Readable) => Promise<T>): Promise<T> {
  const { absolute, compression, member } = table;
  if (compression === 'zip') return readFromZip(absolute, member ?? '', use);
  const file = createReadStream(absolute);
  const content = compression === null ? file : pipeline(file, createGunzip(), () => undefined);
  try {
    return await use(content);
  } finally {
    content.destroy();
    file.destroy();
  }
}

/** The first bytes of a table, unpacked; fewer than `most` only where the table ends. */
export async function firstBytes(table: TableFile, most: number): Promise<Buffer> {
  if (table.compression === null) return blockOf(table.absolute, 0, most);
  return withUnpacked(table, async (content) => {
    const chunks: Buffer[] = [];
    let taken = 0;
    for await (const chunk of chunksOf(content)) {
      chunks.push(chunk);
      taken += chunk.length;
      if (taken >= most) break;
    }
    return Buffer.concat(chunks).subarray(0, most);
  });
}

/** A part of a file as it lies on disk. */
export async function blockOf(file: string, start: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, (await handle.stat()).size - start)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export async function* chunksOf(content: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<unknown> = content;
  for await (const chunk of chunks) yield chunkSchema.parse(chunk);
}
