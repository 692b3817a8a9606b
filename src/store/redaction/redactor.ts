import { KEY_SHAPES } from './key-shapes';

/** Stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Where a secret stands in a text: from `start` up to, not including, `end`. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds what looks like a key of a well-known service, and given values, and takes them out of texts. Doing it again
 * changes nothing.
 */
export class Redactor {
  private readonly pattern: RegExp;

  /** @param values what must not be stored, whatever it looks like */
  constructor(private readonly values: readonly string[] = []) {
    // The longest first: one may begin with another.
    const known = values.toSorted((one, other) => other.length - one.length).map(escaped);
    this.pattern = new RegExp([...known, ...KEY_SHAPES].join('|'), 'g');
  }

  /** Length of the longest of the given values, in characters. */
  get longestValue(): number {
    return Math.max(0, ...this.values.map(({ length }) => length));
  }

  redact(text: string): string {
    return text.replace(this.pattern, REDACTED);
  }

  /** A copy of a JSON value with every string in it redacted. */
  redactAll(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.redactAll(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.redactAll(item)]));
  }

  spans(text: string): SecretSpan[] {
    return [...text.matchAll(this.pattern)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));
  }

  /** The same for texts in which each character stands for one byte (`latin1`). */
  forBytes(): Redactor {
    return new Redactor(this.values.map((value) => Buffer.from(value).toString('latin1')));
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
