import stringWidth from 'string-width';

/** Stands for what was cut off. */
const CUT = '…';

/** Columns that a text takes on a terminal: two for wide characters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text in at most `columns` columns, its end cut off where it is wider; never half a character. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return kept + CUT;
}

/** The text filled up with blanks to `columns` columns; a wider one is left as it is. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
