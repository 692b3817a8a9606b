import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/**
 * The version of an npm package. Read at once: the command line names its own before it does anything else.
 *
 * @param file path of its `package.json`
 */
export function packageVersion(file: string): string {
  return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
