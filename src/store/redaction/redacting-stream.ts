import { REDACTED, type Redactor } from './redactor';

/** What is kept back of a line that has not ended, at least, since a secret may have begun in it; in characters. */
const HELD = 1024;

/** What is kept back at most: a secret of this length is none. */
const MOST_HELD = 64 * 1024;

/** What shapes look at before a secret. */
const CONTEXT = 256;

/**
 * Redacts a text that comes in pieces, wherever these are cut. Whole lines come out at once; the beginning of a line
 * waits for its end, or for {@link HELD} characters more.
 */
export class RedactingStream {
  /** The end of what came out already, as it was. */
  private context = '';
  private pending = '';
  private readonly held: number;

  constructor(private readonly redactor: Redactor) {
    this.held = Math.max(HELD, redactor.longestValue);
  }

  /** Takes the next piece, and returns what is sure by now. */
  push(piece: string): string {
    this.pending += piece;
    return this.take(false);
  }

  /** Returns what is left. */
  end(): string {
    return this.take(true);
  }

  private take(isEnd: boolean): string {
    const text = this.context + this.pending;
    const from = this.context.length;
    const spans = this.redactor.spans(text).filter(({ start }) => start >= from);
    let end = isEnd ? text.length : Math.max(from, lineEnd(text), text.length - this.held);
    for (const span of spans) {
      const mayGoOn = !isEnd && span.end === text.length && text.length - span.start < MOST_HELD;
      if (mayGoOn) end = Math.min(end, span.start);
      else if (span.start < end && span.end > end) end = span.end;
    }
    let ready = '';
    let at = from;
    for (const span of spans.filter((found) => found.end <= end)) {
      ready += text.slice(at, span.start) + REDACTED;
      at = span.end;
    }
    ready += text.slice(at, end);
    this.context = text.slice(Math.max(0, end - CONTEXT), end);
    this.pending = text.slice(end);
    return ready;
  }
}

function lineEnd(text: string): number {
  return Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
}
