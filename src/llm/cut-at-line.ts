import { countTokens } from './count-tokens';
import { cutToTokens } from './prompts/excerpt';

/** The first lines of a text that together have at most `limit` tokens; part of the first where that is longer. */
export function cutAtLine(text: string, limit: number): string {
  const lines = text.split('\n');
  let left = limit;
  let kept = 0;
  for (const line of lines) {
    left -= countTokens(`${line}\n`);
    if (left < 0) break;
    kept += 1;
  }
  return lines.slice(0, kept).join('\n').trimEnd() || cutToTokens(text, limit);
}
