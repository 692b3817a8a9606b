/** Longest line of output that is kept whole, in bytes. */
export const MAXIMUM_LINE_BYTES = 10_000;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Cuts overlong lines out of a stream of bytes. Works in steps of a whole line limit rather than line by line, so
 * that hundreds of megabytes pass without holding up the process. A carriage return ends a line too, as progress
 * bars use it.
 */
export class LineCutter {
  private lineBytes = 0;
  private cutBytes = 0;

  /** The parts of `chunk` that stay, in order, with a note where a line was cut. */
  push(chunk: Buffer): Buffer[] {
    const kept: Buffer[] = [];
    let position = 0;
    while (position < chunk.length) {
      position =
        this.lineBytes < MAXIMUM_LINE_BYTES ? this.keep(chunk, position, kept) : this.skip(chunk, position, kept);
    }
    return kept;
  }

  private keep(chunk: Buffer, from: number, kept: Buffer[]): number {
    const limit = Math.min(chunk.length, from + MAXIMUM_LINE_BYTES - this.lineBytes);
    const lastBreak = lastLineBreak(chunk.subarray(from, limit));
    const end = lastBreak === -1 ? limit : from + lastBreak + 1;
    kept.push(chunk.subarray(from, end));
    this.lineBytes = lastBreak === -1 ? this.lineBytes + end - from : 0;
    return end;
  }

  private skip(chunk: Buffer, from: number, kept: Buffer[]): number {
    const nextBreak = firstLineBreak(chunk.subarray(from));
    if (nextBreak === -1) {
      this.cutBytes += chunk.length - from;
      return chunk.length;
    }
    this.cutBytes += nextBreak;
    if (this.cutBytes > 0) kept.push(Buffer.from(` [line cut: ${this.cutBytes} bytes left out]`));
    this.lineBytes = 0;
    this.cutBytes = 0;
    return from + nextBreak;
  }
}

/** Index of the first line feed or carriage return, or -1. */
export function firstLineBreak(bytes: Buffer): number {
  const feed = bytes.indexOf(LINE_FEED);
  const carriage = (feed === -1 ? bytes : bytes.subarray(0, feed)).indexOf(CARRIAGE_RETURN);
  return carriage === -1 ? feed : carriage;
}

/** Index of the last line feed or carriage return, or -1. */
export function lastLineBreak(bytes: Buffer): number {
  const feed = bytes.lastIndexOf(LINE_FEED);
  const carriage = bytes.subarray(feed + 1).lastIndexOf(CARRIAGE_RETURN);
  return carriage === -1 ? feed : feed + 1 + carriage;
}
