import type { Line, Piece } from './styled-line';
import { widthOf } from '../text-width';

const SEPARATOR = ' · ';

/** Items one after the other behind a label, in as many lines as they take; an item is never broken. */
export function flowItems(label: string, items: readonly Piece[], columns: number): Line[] {
  const indent = ' '.repeat(widthOf(label));
  const lines: Piece[][] = [];
  let width = 0;
  for (const item of items) {
    const wanted = widthOf(SEPARATOR) + widthOf(item.text);
    const current = lines.at(-1);
    if (current !== undefined && width + wanted <= columns) {
      current.push({ text: SEPARATOR, style: 'dim' }, item);
      width += wanted;
    } else {
      lines.push([{ text: lines.length === 0 ? label : indent, style: 'dim' }, item]);
      width = widthOf(label) + widthOf(item.text);
    }
  }
  return lines;
}
