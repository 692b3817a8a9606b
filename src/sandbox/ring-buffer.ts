/** Keeps the last bytes of a stream in a fixed amount of memory. */
export class RingBuffer {
  private readonly bytes: Buffer;
  private end = 0;
  private filled = 0;

  constructor(readonly capacity: number) {
    this.bytes = Buffer.alloc(capacity);
  }

  get length(): number {
    return this.filled;
  }

  push(chunk: Buffer): void {
    const kept = chunk.subarray(Math.max(0, chunk.length - this.capacity));
    const untilEdge = Math.min(kept.length, this.capacity - this.end);
    kept.copy(this.bytes, this.end, 0, untilEdge);
    kept.copy(this.bytes, 0, untilEdge);
    this.end = (this.end + kept.length) % this.capacity;
    this.filled = Math.min(this.capacity, this.filled + kept.length);
  }

  /** A copy of the last `count` bytes, or of fewer when there are fewer. */
  last(count: number): Buffer {
    const length = Math.min(count, this.filled);
    const start = (this.end - length + this.capacity) % this.capacity;
    const untilEdge = Math.min(length, this.capacity - start);
    return Buffer.concat([this.bytes.subarray(start, start + untilEdge), this.bytes.subarray(0, length - untilEdge)]);
  }
}
