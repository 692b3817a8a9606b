/** Characters of a token, about as with real models; what this server bills is exact by its own measure. */
const CHARACTERS = 4;

export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS);
}

/** The beginning of the text that takes so many tokens. */
export function cutToTokens(text: string, tokens: number): string {
  return text.slice(0, tokens * CHARACTERS);
}
