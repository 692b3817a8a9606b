import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';

/** Entries that are looked at; a zip of images has many thousands. */
const MOST_ENTRIES = 100_000;

export interface ZipListing {
  /** Files in the zip, those that systems add of their own left out. */
  readonly entries: readonly { readonly path: string; readonly bytes: number }[];
  /** Entries that were not looked at. */
  readonly leftOut: number;
}

const openZip = promisify<string, yauzl.Options, ZipFile>(yauzl.open);

/**
 * Names and sizes of what is in a zip; nothing is unpacked.
 *
 * @throws the system's error, or one that says what is wrong with the zip
 */
export async function listZip(file: string): Promise<ZipListing> {
  const entries: { path: string; bytes: number }[] = [];
  let seen = 0;
  let total = 0;
  await withZip(file, async (zip) => {
    total = zip.entryCount;
    for await (const entry of entriesOf(zip)) {
      seen++;
      if (isFile(entry.fileName)) entries.push({ path: entry.fileName, bytes: entry.uncompressedSize });
      if (seen >= MOST_ENTRIES) break;
    }
  });
  return { entries, leftOut: total - seen };
}

/**
 * Gives the unpacked bytes of one file in a zip to `use`.
 *
 * @throws Error when there is no such file in it, or it cannot be unpacked (a password, an unknown method)
 */
export async function readFromZip<T>(file: string, member: string, use: (content: Readable) => Promise<T>): Promise<T> {
  return withZip(file, async (zip) => {
    for await (const entry of entriesOf(zip)) {
      if (entry.fileName !== member) continue;
      const content = await promisify<Entry, Readable>(zip.openReadStream.bind(zip))(entry);
      try {
        return await use(content);
      } finally {
        content.destroy();
      }
    }
    throw new Error(`there is no ${member} in it`);
  });
}

async function withZip<T>(file: string, use: (zip: ZipFile) => Promise<T>): Promise<T> {
  const zip = await openZip(file, { lazyEntries: true, autoClose: false });
  try {
    return await use(zip);
  } finally {
    zip.close();
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const settle = (take: () => void): void => {
        zip.removeAllListeners();
        take();
      };
      zip.once('entry', (found: Entry) => settle(() => resolve(found)));
      zip.once('end', () => settle(() => resolve(null)));
      zip.once('error', (error: Error) => settle(() => reject(error)));
      zip.readEntry();
    });
    if (entry === null) return;
    yield entry;
  }
}

function isFile(name: string): boolean {
  return !name.endsWith('/') && !name.startsWith('__MACOSX/') && !(name.split('/').at(-1) ?? '').startsWith('.');
}
