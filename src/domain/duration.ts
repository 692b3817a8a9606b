import parseDuration from 'parse-duration';
import { z } from 'zod';

/** Longest duration a spec may name: one year, in seconds. */
const MAXIMUM_SECONDS = 366 * 24 * 3600;

const EXPECTED = 'expected a duration such as "90s", "10m", "1h30m" or seconds';

const DURATION_TEXT = /^\s*(\d+(\.\d+)?\s*[a-zA-Z]+\s*)+$/;

/**
 * A duration as people write it (`90s`, `10m`, `1h30m`, `2d`) or a plain number of seconds; the parsed value is
 * always seconds, so a parsed spec can be parsed again.
 */
export const durationSchema = z
  .union([z.number(), z.string()], EXPECTED)
  .transform((value, context): number => {
    const seconds = typeof value === 'number' ? value : parseDurationText(value);
    if (seconds === null || !Number.isFinite(seconds) || seconds <= 0 || seconds > MAXIMUM_SECONDS) {
      context.addIssue({ code: 'custom', message: EXPECTED });
      return z.NEVER;
    }
    return seconds;
  })
  // A schema of what a transform makes is only known to what generates JSON Schemas when it is said.
  .pipe(z.number());

/** Seconds in a duration text such as `1h30m`, or null when it is not one. */
export function parseDurationText(text: string): number | null {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text);
  if (!DURATION_TEXT.test(text)) return null;
  const milliseconds = parseDuration(text);
  return typeof milliseconds === 'number' && milliseconds > 0 ? milliseconds / 1000 : null;
}
