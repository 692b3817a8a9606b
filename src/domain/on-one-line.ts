/** A text without line breaks, and with single blanks only. */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
