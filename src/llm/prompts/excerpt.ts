import { countTokens } from '../count-tokens';

/** More characters than nearly any token has; a longer text is shortened by characters before tokens are counted. */
const CHARACTERS_OF_A_TOKEN = 12;

/** Large pieces of a text, and small ones. Of whole characters, also where one is two units of a string. */
const PIECES: readonly RegExp[] = [/[^]{1,160}/gu, /[^]{1,10}/gu];

/** Cuts a text to `limit` characters at its end. */
export function cutEnd(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;
}

/** Cuts a text to `limit` tokens at its end. */
export function cutToTokens(text: string, limit: number): string {
  if (fits(text, limit)) return text;
  return limit < 2 ? '' : `${startOf(text, limit - 1).trimEnd()}…`;
}

/** Cuts a text to about `limit` tokens by leaving out its middle; the smaller share is kept of the beginning. */
export function cutMiddle(text: string, limit: number): string {
  if (fits(text, limit)) return text;
  const head = startOf(text, Math.floor(limit * 0.3));
  const tail = endOf(text, Math.ceil(limit * 0.7));
  const leftOut = text.length - head.length - tail.length;
  return leftOut <= 0 ? text : `${head}\n[… ${leftOut} characters left out …]\n${tail}`;
}

function fits(text: string, limit: number): boolean {
  return text.length <= limit * CHARACTERS_OF_A_TOKEN && countTokens(text) <= limit;
}

/** The longest beginning that surely has no more than `limit` tokens. */
function startOf(text: string, limit: number): string {
  return taken(text.slice(0, limit * CHARACTERS_OF_A_TOKEN), limit, PIECES, (pieces) => pieces).join('');
}

/** The longest end that surely has no more than `limit` tokens. */
function endOf(text: string, limit: number): string {
  if (limit < 1) return '';
  const backwards = (pieces: readonly string[]): readonly string[] => [...pieces].reverse();
  return taken(text.slice(-limit * CHARACTERS_OF_A_TOKEN), limit, PIECES, backwards)
    .reverse()
    .join('');
}

/**
 * Pieces of a text in a given order, for as long as they fit; of the first that does not, smaller pieces. Each counts by
 * itself, which is a little more than all of them in a row.
 */
function taken(
  text: string,
  limit: number,
  [size, ...smaller]: readonly RegExp[],
  order: (pieces: readonly string[]) => readonly string[],
): string[] {
  if (size === undefined) return [];
  const kept: string[] = [];
  let left = limit;
  for (const piece of order(text.match(size) ?? [])) {
    const tokens = countTokens(piece);
    if (tokens > left) return [...kept, ...taken(piece, left, smaller, order)];
    left -= tokens;
    kept.push(piece);
  }
  return kept;
}
