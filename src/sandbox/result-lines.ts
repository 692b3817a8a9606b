import { isMetricLine } from '../domain/reported-metric';
import { firstLineBreak, lastLineBreak } from './line-cutter';

/** How many of the last lines that report a score are kept. */
const MAXIMUM_RESULT_LINES = 100;

/** Longer lines are never taken for a score. */
const MAXIMUM_LINE_BYTES = 300;

/** A part of every line that reports a score, in the cases that occur; searched for before any line is looked at. */
const MARK = 'etric';

export interface ResultLine {
  /** Where in the kept bytes the line begins, or ends when it came in several pieces. */
  readonly offset: number;
  readonly text: string;
}

/** Picks the lines that report a score out of a stream of bytes, whatever else is in it. */
export class ResultLines {
  private readonly kept: ResultLine[] = [];
  private open: Buffer = Buffer.alloc(0);

  push(piece: Buffer, offset: number): void {
    const firstBreak = firstLineBreak(piece);
    if (firstBreak === -1) {
      this.extendOpenLine(piece);
      return;
    }
    this.extendOpenLine(piece.subarray(0, firstBreak));
    this.closeOpenLine(offset);
    const lastBreak = lastLineBreak(piece);
    const complete = piece.subarray(firstBreak, lastBreak + 1);
    for (const line of lastMetricLines(complete)) {
      this.add({ offset: offset + firstBreak + line.offset, text: line.text });
    }
    this.extendOpenLine(piece.subarray(lastBreak + 1));
  }

  /** Takes the last line, which may have no line break, into account. */
  finish(offset: number): void {
    this.closeOpenLine(offset);
  }

  get lines(): readonly ResultLine[] {
    return this.kept;
  }

  private extendOpenLine(bytes: Buffer): void {
    if (this.open.length > MAXIMUM_LINE_BYTES) return;
    this.open = Buffer.concat([this.open, bytes.subarray(0, MAXIMUM_LINE_BYTES + 1)]);
  }

  private closeOpenLine(offset: number): void {
    const text = this.open.toString('utf8');
    if (this.open.length <= MAXIMUM_LINE_BYTES && isMetricLine(text)) this.add({ offset, text: text.trim() });
    this.open = Buffer.alloc(0);
  }

  private add(line: ResultLine): void {
    this.kept.push(line);
    if (this.kept.length > MAXIMUM_RESULT_LINES) this.kept.shift();
  }
}

/** The last lines that report a score among complete lines, in their order; searched backwards to stay bounded. */
function lastMetricLines(lines: Buffer): ResultLine[] {
  const found: ResultLine[] = [];
  let end = lines.length;
  for (let tries = 0; tries < MAXIMUM_RESULT_LINES && end > 0; tries += 1) {
    const mark = lines.subarray(0, end).lastIndexOf(MARK);
    if (mark === -1) break;
    const start = lastLineBreak(lines.subarray(0, mark)) + 1;
    const length = firstLineBreak(lines.subarray(start));
    const text = lines.subarray(start, start + Math.max(0, length)).toString('utf8');
    if (length <= MAXIMUM_LINE_BYTES && isMetricLine(text)) {
      found.unshift({ offset: start, text: text.trim() });
    }
    end = start;
  }
  return found;
}
