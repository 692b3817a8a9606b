import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';
import { hasCode } from './error-code';
import { ServerError } from './server-error';

/**
 * Reads one of the server's small files; null when it is not there.
 *
 * @throws ServerError `broken_file` when it holds something else than it should.
 */
export async function readRecord<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (text === null) return null;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ServerError(
    'broken_file',
    `${file} is not as coppice writes it. If no Temporal server of this home is running, delete the file and try again.`,
    { cause: parsed.error },
  );
}

/** Replaces the file in one step; once this returns the content survives a crash. */
export async function writeRecord(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
