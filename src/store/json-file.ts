import { z } from 'zod';
import type { ArtifactStore } from './artifact-store';
import { StoreError } from './store-error';

/**
 * Reads a stored JSON file; null when there is none.
 *
 * @throws StoreError naming the key when the file is not JSON or not of the schema's shape
 */
export async function readJson<Schema extends z.ZodType>(
  store: ArtifactStore,
  key: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const content = await store.read(key);
  if (content === null) return null;
  const parsed = schema.safeParse(parseJson(key, content));
  if (parsed.success) return parsed.data;
  throw new StoreError(`${key} does not have the expected shape: ${z.prettifyError(parsed.error)}`, parsed.error);
}

/** Stores a value as indented JSON. */
export async function writeJson(store: ArtifactStore, key: string, value: unknown): Promise<void> {
  await store.write(key, `${JSON.stringify(value, null, 2)}\n`);
}

function parseJson(key: string, content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw new StoreError(`${key} is not valid JSON; move it away to have it made anew`, error);
  }
}
