import { structuredPatch } from 'diff';

/** Lines shown before and after a line that failed. */
const AROUND = 5;

/** Lines of a script's beginning that are shown with it: its imports. */
const HEAD = 12;

/** Of the script's own calls in a traceback, the innermost ones that are shown. */
const MOST_CALLS = 2;

/** Lines shown around a change. */
const CONTEXT = 3;

/** Changed lines past which two scripts count as different altogether. */
const MOST_CHANGES = 400;

const FRAME = /File "[^"\n]*solution\.py", line (\d+)/g;

/**
 * Of a script that ended with a traceback: its beginning and the lines around those that the traceback names. Null when
 * the output names none, or when that would be most of the script anyway.
 */
export function aroundFailure(code: string, output: string): string | null {
  const lines = code.trimEnd().split('\n');
  const failing = [...output.matchAll(FRAME)].slice(-MOST_CALLS).map((match) => Number(match[1]) - 1);
  const named = failing.filter((index) => index < lines.length);
  if (named.length === 0) return null;
  const isShown = (index: number): boolean =>
    index < HEAD || named.some((failed) => Math.abs(failed - index) <= AROUND);
  const shown = lines.filter((_, index) => isShown(index));
  if (shown.length > 0.8 * lines.length) return null;
  return withGaps(lines, isShown);
}

/** What a script changes of its parent, with a few lines around each change; null when it is nearly all. */
export function changesAgainst(parent: string, code: string): string | null {
  const options = { context: CONTEXT, maxEditLength: MOST_CHANGES };
  const patch = structuredPatch('parent', 'script', `${parent.trimEnd()}\n`, `${code.trimEnd()}\n`, '', '', options);
  if (patch === undefined) return null;
  const lines = patch.hunks.flatMap((hunk) => [`@@ line ${hunk.newStart} @@`, ...hunk.lines]);
  return lines.length > 0.7 * code.split('\n').length ? null : lines.join('\n');
}

function withGaps(lines: readonly string[], isShown: (index: number) => boolean): string {
  const parts: string[] = [];
  let gapStart: number | null = null;
  for (const [index, line] of lines.entries()) {
    if (!isShown(index)) {
      gapStart ??= index;
      continue;
    }
    if (gapStart !== null) parts.push(gapText(gapStart, index));
    gapStart = null;
    parts.push(line);
  }
  if (gapStart !== null) parts.push(gapText(gapStart, lines.length));
  return parts.join('\n');
}

function gapText(start: number, end: number): string {
  return `# … lines ${start + 1} to ${end} are not shown …`;
}
