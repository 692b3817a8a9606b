import { countTokens as countByEncoding, encode } from 'gpt-tokenizer/encoding/o200k_base';

/**
 * Longest piece that is encoded at once, in UTF-16 units. A run without spaces or punctuation is one word to the
 * tokenizer, and what it takes grows with the square of a word's length.
 */
const LONGEST_PIECE = 200;

/** A run of this many characters of one kind is broken up before it is encoded. */
const UNBROKEN_RUN = new RegExp(`\\S{${LONGEST_PIECE}}|\\s{${LONGEST_PIECE}}`, 'gu');

/** Texts may hold what is a control token to some model, such as `<|endoftext|>`: here it is plain text. */
const AS_TEXT = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/** What a message takes besides its text: its role and what separates it from the next. */
const TOKENS_OF_A_MESSAGE = 4;

/** Tokens of a text by the encoding o200k_base; other models' tokenizers differ by some per cent. */
export function countTokens(text: string): number {
  return pieces(text).reduce((sum, piece) => sum + countByEncoding(piece, AS_TEXT), 0);
}

/** Tokens of a prompt as a whole. */
export function countMessageTokens(messages: readonly { readonly content: string }[]): number {
  return messages.reduce((sum, { content }) => sum + countTokens(content) + TOKENS_OF_A_MESSAGE, 0);
}

/** Each token of a text as a number: what a common prefix of two texts is measured by. */
export function encodeTokens(text: string): number[] {
  return pieces(text).flatMap((piece) => encode(piece, AS_TEXT));
}

function pieces(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const { index, 0: run } of text.matchAll(UNBROKEN_RUN)) {
    found.push(text.slice(start, index), run);
    start = index + run.length;
  }
  found.push(text.slice(start));
  return found.filter((piece) => piece !== '');
}
