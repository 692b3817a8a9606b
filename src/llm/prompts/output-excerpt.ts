import { countTokens } from '../count-tokens';
import { cutEnd, cutMiddle } from './excerpt';

const TRACEBACK = 'Traceback (most recent call last)';

/** What a script says of its score. */
const FINAL_RESULT = /^\s*(validation metric|metric)\b.*[:=]/i;
const RESULT = /\b(metric|score|fold|loss|auc|accuracy|f1|mae|rmse|rmsle|logloss|r2)\b.*\d/i;

/** Longest line that is kept whole, in characters. */
const LONGEST_LINE = 300;

/** Lines looked at of a longer output: its beginning and its end, and what is searched for anywhere. */
const MOST_LINES_OF_AN_END = 2000;

/** What a line that tells of a gap takes, in tokens; there are at most a dozen gaps. */
const TOKENS_OF_A_GAP = 9;

/**
 * A script's output in about `limit` tokens. Lines are kept whole, in this order of importance: the final results, the
 * last traceback from its end, the end, the beginning, other lines with scores. Gaps say how many lines they stand for.
 * Of lines that a progress bar wrote over and over only the last state is kept, and of like lines in a row the first.
 */
export function outputExcerpt(output: string, limit: number): string {
  if (limit <= 0) return '';
  const lines = withoutRepeats(output.split('\n').map(lastState)).map(shortLine);
  const text = lines.join('\n').trim();
  if (text.length <= limit * 6 && countTokens(text) <= limit) return text;
  const kept = chosenLines(lines, limit);
  return kept.size === 0 ? cutMiddle(text, limit) : withGaps(lines, kept).trim();
}

function chosenLines(lines: readonly string[], limit: number): Set<number> {
  const kept = new Set<number>();
  let left = limit - 4 * TOKENS_OF_A_GAP;
  const take = (indexes: readonly number[], share: number): void => {
    let room = Math.min(left, limit * share);
    for (const index of indexes) {
      if (kept.has(index)) continue;
      const tokens = countTokens(`${lines[index] ?? ''}\n`);
      if (tokens > room) return;
      room -= tokens;
      left -= tokens;
      kept.add(index);
    }
  };
  const all = lines.map((_, index) => index);
  const backwards = [...all].reverse();
  take(backwards.filter((index) => FINAL_RESULT.test(lines[index] ?? '')).slice(0, 2), 0.2);
  take(tracebackLines(lines), 0.45);
  take(backwards.slice(0, MOST_LINES_OF_AN_END), 0.5);
  take(all.slice(0, MOST_LINES_OF_AN_END), 0.2);
  take(backwards.filter((index) => RESULT.test(lines[index] ?? '')).slice(0, 4), 0.1);
  return kept;
}

/** Lines of the last traceback, the most telling first: the error, the heading, then from the innermost call outwards. */
function tracebackLines(lines: readonly string[]): number[] {
  const start = lines.findLastIndex((line) => line.includes(TRACEBACK));
  if (start === -1) return [];
  const rest = lines.slice(start + 1);
  const inside = rest.findIndex((line) => line.trim() !== '' && !/^\s/.test(line));
  const end = start + 1 + (inside === -1 ? Math.min(rest.length, 40) : inside);
  const frames = Array.from({ length: Math.max(end - start - 1, 0) }, (_, offset) => end - 1 - offset);
  return [end, start, ...frames].filter((index) => index < lines.length);
}

function withGaps(lines: readonly string[], kept: ReadonlySet<number>): string {
  const parts: string[] = [];
  let skipped = 0;
  for (const [index, line] of lines.entries()) {
    if (!kept.has(index)) {
      skipped += 1;
      continue;
    }
    if (skipped > 0) parts.push(`[… ${skipped} lines left out …]`);
    skipped = 0;
    parts.push(line);
  }
  if (skipped > 0) parts.push(`[… ${skipped} lines left out …]`);
  return parts.join('\n');
}

function withoutRepeats(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line === '' || line !== lines[index - 1]);
}

function shortLine(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  const half = Math.floor(LONGEST_LINE / 2);
  return `${cutEnd(line, half)} ${line.slice(-half)}`;
}

/** What a line shows in the end, after everything that returned to its beginning. */
function lastState(line: string): string {
  const shown = line.trimEnd();
  return shown.slice(shown.lastIndexOf('\r') + 1);
}
