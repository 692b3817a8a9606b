import type { ColumnPreview } from '../../domain/preview';

/** What scripts do with a column. */
export type ColumnRole =
  | { readonly role: 'number' | 'category' | 'text' | 'date' | 'time' }
  | { readonly role: 'left_out'; readonly why: string };

/** Words that stand for a missing number in otherwise numeric columns. */
const MISSING_WORDS = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-', '.']);

/** A text column with more distinct values than this share of its rows names rows instead of grouping them. */
const NAMING_SHARE = 0.9;
const FEW_ROWS = 50;
/** With fewer values than this a column can be empty in a fold, which models refuse. */
const LEAST_FILLED = 20;

const IDENTIFIER_NAME = /(^|[_\s.-])(id|uuid|guid|index|key)$|[a-z]Id$|^unnamed: 0$|^column0*$/i;

/** Decides from the preview alone, so that every script of a run treats a column alike. */
export function columnRole(column: ColumnPreview, rows: number): ColumnRole {
  const filled = Math.max(0, rows - column.missing);
  if (filled < Math.min(LEAST_FILLED, rows / 2))
    return { role: 'left_out', why: filled === 0 ? 'empty' : 'nearly empty' };
  if (column.distinct <= 1 && column.missing === 0) return { role: 'left_out', why: 'always the same' };
  const naming = filled > FEW_ROWS && column.distinct > NAMING_SHARE * filled;
  switch (column.type) {
    case 'integer':
      if (naming && IDENTIFIER_NAME.test(column.name)) return { role: 'left_out', why: 'numbers the rows' };
      return { role: 'number' };
    case 'number':
      return { role: 'number' };
    case 'boolean':
      return { role: 'category' };
    case 'date':
    case 'timestamp':
      return { role: 'date' };
    case 'time':
      return { role: 'time' };
    case 'text':
      if (looksNumeric(column)) return { role: 'number' };
      if (isProse(column, filled)) return { role: 'text' };
      if (naming) return { role: 'left_out', why: 'nearly every row has its own text' };
      return { role: 'category' };
  }
}

/** Values of prose hardly come twice. */
const PROSE_SHARE = 0.4;
/** Words of a value of prose, on average, and of a name made of words. */
const PROSE_WORDS = 3;
const NAME_WORDS = 1.5;
/** Fewer different names than this are told apart well enough without their words. */
const LEAST_NAMES = 12;

function isProse(column: ColumnPreview, filled: number): boolean {
  return column.distinct > PROSE_SHARE * filled && meanWords(column) >= PROSE_WORDS;
}

/** Whether the column's values are names of several words, some of which they share. */
export function hasWords(column: ColumnPreview): boolean {
  return column.type === 'text' && column.distinct >= LEAST_NAMES && meanWords(column) >= NAME_WORDS;
}

function meanWords({ examples }: ColumnPreview): number {
  const words = examples.map((example) => example.match(/\p{L}{2,}/gu)?.length ?? 0);
  return words.length === 0 ? 0 : words.reduce((sum, count) => sum + count, 0) / words.length;
}

/** Numbers with words for missing values in between are read as text by the preview. */
function looksNumeric(column: ColumnPreview): boolean {
  const values = column.examples.map((value) => value.trim().toLowerCase());
  const numbers = values.filter((value) => value !== '' && Number.isFinite(Number(value)));
  return numbers.length > 0 && values.every((value) => MISSING_WORDS.has(value) || Number.isFinite(Number(value)));
}

/** Mean nearer than this share of the range to one end: the other end is a long tail. */
const TAIL_SHARE = 0.25;

/** On which side a column has a long tail, judged by where its mean lies between smallest and largest value. */
export function longTail({ minimum, maximum, mean }: ColumnPreview): 'high' | 'low' | null {
  if (typeof minimum !== 'number' || typeof maximum !== 'number' || mean === null || maximum <= minimum) return null;
  const share = (mean - minimum) / (maximum - minimum);
  if (share < TAIL_SHARE) return 'high';
  return share > 1 - TAIL_SHARE ? 'low' : null;
}
