import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Redactor } from '../store/redaction/redactor';
import { errorCode } from '../store/store-error';
import { SUPERVISOR_OUTPUT, SUPERVISOR_WAITING, supervisorWaitingSchema } from './supervisor-files';

/** How much of the end of the output is looked at, in bytes. */
const END_BYTES = 4096;

const LAST_LINE_CHARACTERS = 200;

/** Part of a line that was cut off at its front in which the rest of a secret may stand, in characters. */
const CUT_CHARACTERS = 1024;

/**
 * The last line of a script's output so far that is not blank, without secrets and control characters, at most 200
 * characters; before the script starts, what it waits for; else empty.
 */
export async function lastLine(controlDirectory: string, redactor = new Redactor()): Promise<string> {
  const end = redactor.redact(await readEnd(path.join(controlDirectory, SUPERVISOR_OUTPUT)));
  const lines = end.split(/[\r\n]+/);
  const last = lines.filter((line) => line.trim() !== '').at(-1) ?? (await readWaiting(controlDirectory));
  // eslint-disable-next-line no-control-regex -- terminals' escape sequences are what is taken out here
  const plain = last.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u001f\u007f\ufffd]/g, ' ');
  return plain.trim().slice(0, LAST_LINE_CHARACTERS);
}

async function readWaiting(controlDirectory: string): Promise<string> {
  try {
    const text = await readFile(path.join(controlDirectory, SUPERVISOR_WAITING), 'utf8');
    return `waits for ${supervisorWaitingSchema.parse(JSON.parse(text)).for}`;
  } catch {
    return '';
  }
}

async function readEnd(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(END_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, END_BYTES, Math.max(0, size - END_BYTES));
    const text = buffer.toString('utf8', 0, bytesRead);
    return size > END_BYTES ? withoutFirstPart(text) : text;
  } finally {
    await handle.close();
  }
}

/** What was cut off at the front is not known, and so not whether the rest is that of a secret. */
function withoutFirstPart(text: string): string {
  const lineEnd = text.search(/[\r\n]/);
  return lineEnd >= 0 && lineEnd < CUT_CHARACTERS ? text.slice(lineEnd + 1) : text.slice(CUT_CHARACTERS);
}
