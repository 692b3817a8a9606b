import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** File in the script's directory that is emptied by the very command that then becomes the script. */
const ENTRY_FILE = '.entry';

/** The same words out of the script's reach. */
const ENTRY_COPY = 'entry';

/**
 * Readies a directory for `wasEntered`. A script that was entered cannot make it look otherwise, since the file's words
 * are gone before it begins.
 *
 * @param controlDirectory beside the script's directory, never visible to the script
 */
export async function markEntry(directory: string, controlDirectory: string): Promise<void> {
  const words = randomUUID();
  await mkdir(controlDirectory, { recursive: true });
  await writeFile(path.join(controlDirectory, ENTRY_COPY), words);
  await writeFile(path.join(directory, ENTRY_FILE), words);
}

/** The command that is executed inside of the sandbox. */
export function entryCommand(program: readonly string[]): string[] {
  return ['/bin/sh', '-c', `: > ${ENTRY_FILE}; exec "$@"`, 'sh', ...program];
}

/** Whether the sandbox came up, so that how the command ended is the script's own doing. */
export async function wasEntered(directory: string, controlDirectory: string): Promise<boolean> {
  const read = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);
  const copy = await read(path.join(controlDirectory, ENTRY_COPY));
  return copy === null || copy !== (await read(path.join(directory, ENTRY_FILE)));
}
