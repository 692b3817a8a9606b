import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff';

/** A text with the name that a diff gives it. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

const CONTEXT_LINES = 3;

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const CYAN = '\u001b[36m';
const PLAIN = '\u001b[0m';

/** What changed from one text to the other, line by line, in the unified format; empty when nothing did. */
export function unifiedDiff(from: NamedText, to: NamedText): string {
  if (from.text === to.text) return '';
  return createTwoFilesPatch(from.name, to.name, from.text, to.text, undefined, undefined, {
    context: CONTEXT_LINES,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** The same for a terminal: what went is red, what came green. */
export function colouredDiff(diff: string): string {
  let isHeader = true;
  return diff
    .split('\n')
    .map((line) => {
      isHeader &&= !line.startsWith('@@');
      const colour = isHeader ? null : colourOf(line);
      return colour === null ? line : `${colour}${line}${PLAIN}`;
    })
    .join('\n');
}

function colourOf(line: string): string | null {
  if (line.startsWith('@@')) return CYAN;
  if (line.startsWith('-')) return RED;
  return line.startsWith('+') ? GREEN : null;
}
