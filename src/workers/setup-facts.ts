import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Settings } from './settings';

const setupSchema = z.object({
  /** Interpreter of the pinned environment. */
  python: z.string(),
  /** Names the pinned environment by its packages; absent in what an older set-up wrote. */
  environment: z.string().optional(),
  temporalVersion: z.string().optional(),
});
export type SetupFacts = z.infer<typeof setupSchema>;

/**
 * What set-up left for the program.
 *
 * @throws Error when set-up has not been run for this COPPICE_HOME
 */
export async function readSetup({ home }: Pick<Settings, 'home'>): Promise<SetupFacts> {
  const file = path.join(home, 'setup.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  const setup = text === null ? null : setupSchema.safeParse(JSON.parse(text));
  if (setup?.success === true) return setup.data;
  throw new Error(`${file} does not name a Python interpreter; run "npm run setup"`);
}
