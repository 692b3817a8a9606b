import { readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { controlDirectory } from './attempts';

const ATTEMPT_FILE = 'attempt.json';

/** `attempt.json` in an attempt's control directory: what whoever takes the script over has to know of it. */
export const attemptFileSchema = z.object({
  codeHash: z.string(),
  token: z.string(),
  /** Where the script's input lies on this host; its submission is checked against the sample there. */
  inputDirectory: z.string(),
  isolation: z.enum(['bubblewrap', 'process']),
  startedAt: z.string(),
});
export type AttemptFile = z.infer<typeof attemptFileSchema>;

export async function writeAttemptFile(attemptDirectory: string, file: AttemptFile): Promise<void> {
  await writeFileAtomic(
    path.join(controlDirectory(attemptDirectory), ATTEMPT_FILE),
    `${JSON.stringify(file, null, 2)}\n`,
  );
}

/** Null when the attempt has none: it was never made ready, or belongs to an earlier version of coppice. */
export async function readAttemptFile(attemptDirectory: string): Promise<AttemptFile | null> {
  const text = await readFile(path.join(controlDirectory(attemptDirectory), ATTEMPT_FILE), 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = attemptFileSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}
