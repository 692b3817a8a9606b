import { plainText } from '../../domain/plain-text';
import { cutTo, widthOf } from '../text-width';

/** How a piece of a line looks where colours are shown; without them the words alone must do. */
export type Style = 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'busy' | 'accent';

export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

/** One line of a terminal, before it is cut to the terminal's width. */
export type Line = readonly Piece[];

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  dim: '2',
  good: '32',
  bad: '31',
  busy: '33',
  accent: '36',
};

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Cuts a line to `columns` columns. */
export function cutLine(line: Line, columns: number): Line {
  const pieces: Piece[] = [];
  let left = columns;
  for (const piece of line.map(({ text, style }) => ({ text: withinLine(text), style: style ?? 'plain' }))) {
    if (left <= 0) break;
    const text = cutTo(piece.text, left);
    pieces.push({ ...piece, text });
    left -= widthOf(text);
    if (text !== piece.text) break;
  }
  return pieces;
}

/** The line as a terminal takes it; without colours it holds no control character. */
export function paintLine(line: Line, coloured: boolean): string {
  return line
    .map(({ text, style = 'plain' }) => {
      const code = CODES[style];
      return coloured && code !== '' && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
    })
    .join('')
    .trimEnd();
}

/** Titles and output come from models and scripts: nothing of them may move the cursor or break the line. */
function withinLine(text: string): string {
  return plainText(text.replace(/[\t\n\r\u2028\u2029]/g, ' '));
}
