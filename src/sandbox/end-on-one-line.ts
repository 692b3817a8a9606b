import { onOneLine } from '../domain/on-one-line';

/** Lines and characters of a program's output that a message shows. */
const LINES = 6;
const CHARACTERS = 600;

/** The end of a program's output as a part of a sentence. */
export function endOnOneLine(output: string): string {
  const line = onOneLine(output.trim().split('\n').slice(-LINES).join('\n'));
  return line.length <= CHARACTERS ? line : `… ${line.slice(-CHARACTERS)}`;
}
