import { InvalidArgumentError } from 'commander';

/** A whole number of at least one, for flags that no run spec checks. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('expected a whole number of at least 1.');
}

/** Any number; what it may be is the run spec's to say. */
export function parseNumber(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number.');
}

/** A point in time as ISO 8601; without an offset it is meant in this machine's time zone. */
export function parseTime(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(NaN);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError('expected a time such as 2026-11-30T18:00 or 2026-11-30T18:00:00+01:00.');
}
