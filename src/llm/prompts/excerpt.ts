const TRACEBACK = 'Traceback (most recent call last)';

/** Cuts a text to `limit` characters at its end. */
export function cutEnd(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;
}

/** Cuts a text to about `limit` characters by leaving out its middle; the smaller share is kept of the beginning. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit * 0.3);
  return text.slice(0, head) + gap(text.length - limit) + text.slice(text.length - (limit - head));
}

/**
 * A script's output in about `limit` characters: its beginning, its end and, wherever it stands, the last traceback.
 * Of lines that a progress bar wrote over and over only the last state is kept.
 */
export function outputExcerpt(output: string, limit: number): string {
  const text = output.split('\n').map(lastState).join('\n').trim();
  if (text.length <= limit) return text;
  const traceback = text.lastIndexOf(TRACEBACK);
  const tailStart = text.length - Math.floor(limit * 0.7);
  if (traceback === -1 || traceback >= tailStart) return cutMiddle(text, limit);

  const head = text.slice(0, Math.floor(limit * 0.2));
  const tail = text.slice(text.length - Math.floor(limit * 0.4));
  const between = text.slice(Math.max(traceback, head.length), text.length - tail.length);
  const skipped = Math.max(traceback - head.length, 0);
  return head + (skipped > 0 ? gap(skipped) : '') + cutMiddle(between, Math.floor(limit * 0.4)) + tail;
}

/** What a line shows in the end, after everything that returned to its beginning. */
function lastState(line: string): string {
  const shown = line.trimEnd();
  return shown.slice(shown.lastIndexOf('\r') + 1);
}

function gap(length: number): string {
  return `\n[… ${length} characters left out …]\n`;
}
