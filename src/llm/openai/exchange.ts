import type { ResolvedModel } from '../../domain/resolved-model';
import type { Usage } from '../../domain/usage';
import { readUsage } from './token-usage';

/** One sending of a request: its times, and what the server said that it used. */
export class Exchange {
  readonly sentAt = new Date().toISOString();
  private readonly started = performance.now();
  private firstPart: number | null = null;
  private counted: Usage | null = null;
  private streamed = false;

  constructor(private readonly price: ResolvedModel['price']) {}

  /** Null when the server named nothing, or nothing yet. */
  get usage(): Usage | null {
    return this.counted;
  }

  /** The answer came as a stream that was read to its end, and named no usage. */
  get streamedWithoutUsage(): boolean {
    return this.streamed && this.counted === null;
  }

  get firstPartMs(): number | null {
    return this.firstPart;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.started);
  }

  /** Notes the usage that a body, or a part of a stream, names; in a stream the last one counts for the whole. */
  noteUsage(usage: unknown): void {
    this.counted = readUsage(usage, this.price) ?? this.counted;
  }

  noteWholeStream(): void {
    this.streamed = true;
  }

  notePart(): void {
    this.firstPart ??= this.elapsedMs;
  }
}
