import { rename, writeFile, open } from 'node:fs/promises';
import { types } from 'node:util';
import { LineCutter } from './line-cutter';
import { ResultLines } from './result-lines';
import { RingBuffer } from './ring-buffer';

/** What is kept of a script's output, in bytes; with result lines and notes it stays below one MiB. */
const HEAD_BYTES = 256 * 1024;
const TAIL_BYTES = 640 * 1024;

/** How long output may be missing from the live file, in milliseconds. */
const FLUSH_MS = 500;

const LAST_LINE_CHARACTERS = 200;

/** What a recorder has seen once the output ended. */
export interface RecordedOutput {
  /** Everything the script wrote, kept or not. */
  readonly bytes: number;
  /** The last lines that report a score, oldest first. */
  readonly resultLines: readonly string[];
  /** The end of the output, at most 16 KiB. */
  readonly tail: string;
}

/**
 * Takes a script's output of any size and keeps its head, its tail and its result lines in a file of at most one MiB,
 * which can be read at any time while the script runs.
 */
export class OutputRecorder {
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private readonly tail = new RingBuffer(TAIL_BYTES);
  private readonly cutter = new LineCutter();
  private readonly results = new ResultLines();
  private headBytes = 0;
  private keptBytes = 0;
  private receivedBytes = 0;
  private flushedBytes = 0;
  private rewritten = false;
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private failure: Error | null = null;

  /** @param file where the output is kept; made anew with the first flush */
  constructor(private readonly file: string) {}

  /** Takes a part of the output; never blocks and never throws. */
  write(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    for (const piece of this.cutter.push(chunk)) this.keep(piece);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush();
    }, FLUSH_MS);
  }

  /** The last line that is not blank, without control characters, at most 200 characters. */
  lastLine(): string {
    const lines = this.end(4096).split(/[\r\n]+/);
    const last = lines.filter((line) => line.trim() !== '').at(-1) ?? '';
    // eslint-disable-next-line no-control-regex -- terminals' escape sequences are what is taken out here
    const plain = last.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u001f\u007f\ufffd]/g, ' ');
    return plain.trim().slice(0, LAST_LINE_CHARACTERS);
  }

  /**
   * Writes what is missing and returns what was seen.
   *
   * @throws the system error when the file could not be written at any time
   */
  async finish(): Promise<RecordedOutput> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.results.finish(this.keptBytes);
    this.flush();
    await this.flushing;
    if (this.failure !== null) throw this.failure;
    const resultLines = this.results.lines.map((line) => line.text);
    return { bytes: this.receivedBytes, resultLines, tail: this.end(16 * 1024) };
  }

  private keep(piece: Buffer): void {
    this.results.push(piece, this.keptBytes);
    this.keptBytes += piece.length;
    const copied = piece.copy(this.head, this.headBytes);
    this.headBytes += copied;
    if (copied < piece.length) this.tail.push(piece.subarray(copied));
  }

  private end(bytes: number): string {
    const fromTail = this.tail.last(bytes);
    const missing = bytes - fromTail.length;
    const leftOut = this.leftOutBytes() > 0 || missing === 0;
    const fromHead = leftOut
      ? Buffer.alloc(0)
      : this.head.subarray(Math.max(0, this.headBytes - missing), this.headBytes);
    return Buffer.concat([fromHead, fromTail]).toString('utf8');
  }

  /** Kept bytes that neither head nor tail holds any more. */
  private leftOutBytes(): number {
    return this.keptBytes - this.headBytes - this.tail.length;
  }

  private flush(): void {
    this.flushing = this.flushing.then(async () => {
      try {
        await (this.leftOutBytes() === 0 ? this.appendToFile() : this.rewriteFile());
      } catch (error) {
        this.failure ??= types.isNativeError(error) ? error : new Error(String(error));
      }
    });
  }

  private async appendToFile(): Promise<void> {
    const content = this.compose().subarray(this.flushedBytes);
    const handle = await open(this.file, this.flushedBytes === 0 ? 'w' : 'a');
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    this.flushedBytes += content.length;
  }

  private async rewriteFile(): Promise<void> {
    if (this.rewritten && this.flushedBytes === this.keptBytes) return;
    const [content, keptBytes] = [this.compose(), this.keptBytes];
    await writeFile(`${this.file}.next`, content);
    await rename(`${this.file}.next`, this.file);
    this.rewritten = true;
    this.flushedBytes = keptBytes;
  }

  private compose(): Buffer {
    const head = this.head.subarray(0, this.headBytes);
    const tail = this.tail.last(TAIL_BYTES);
    const leftOut = this.leftOutBytes();
    if (leftOut === 0) return Buffer.concat([head, tail]);
    const between = this.results.lines.filter(
      (line) => line.offset >= this.headBytes && line.offset < this.keptBytes - tail.length,
    );
    const note = [
      '',
      `[coppice: ${leftOut} bytes of output left out here${between.length > 0 ? '; result lines among them:' : ''}]`,
      ...between.map((line) => line.text),
      '[coppice: the end of the output follows]',
      '',
    ].join('\n');
    return Buffer.concat([head, Buffer.from(note), tail]);
  }
}
