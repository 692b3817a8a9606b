import type { CommandContext } from './command-context';
import { columnsOf } from './terminal';
import { widthOf } from './text-width';

/**
 * Lines of words as a terminal shows them best: broken between words, what follows standing `indent` columns further in.
 * A word that is wider than the terminal stays whole, so that it can be copied. A pipe takes the lines as they are.
 */
export function wrapped({ terminal }: CommandContext, lines: readonly string[], indent = 0): string[] {
  const columns = columnsOf(terminal);
  if (columns === null) return [...lines];
  return lines
    .flatMap((line) => line.split('\n'))
    .flatMap((line) => (widthOf(line) <= columns ? [line] : wrapLine(line, columns, indent)));
}

function wrapLine(line: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\s)(?=\S)/)) {
    const isFull = widthOf((current + word).trimEnd()) > columns;
    if (isFull && widthOf(current) > indent) {
      lines.push(current.trimEnd());
      current = ' '.repeat(indent) + word;
    } else current += word;
  }
  return [...lines, current.trimEnd()];
}
