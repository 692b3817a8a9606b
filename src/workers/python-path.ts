import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Settings } from './settings';

const setupSchema = z.object({ python: z.string() });

/**
 * The interpreter of the environment that set-up made.
 *
 * @throws Error when set-up has not been run for this COPPICE_HOME
 */
export async function readPythonPath({ home }: Settings): Promise<string> {
  const file = path.join(home, 'setup.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  const setup = text === null ? null : setupSchema.safeParse(JSON.parse(text));
  if (setup?.success === true) return setup.data.python;
  throw new Error(`${file} does not name a Python interpreter; run "npm run setup"`);
}
