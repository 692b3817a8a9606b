/** Longest wait that a server may ask for before the next attempt, in milliseconds. */
const LONGEST_DELAY_MS = 10 * 60 * 1000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+/;
const WORDS = new RegExp(`(?:try again|retry) in (${DURATION.source})`, 'i');

/**
 * How long the server asks to wait, in milliseconds and at most ten minutes: `retry-after-ms`, else `retry-after` as
 * seconds or as an HTTP date, else its words (`Please try again in 6m0s.`), else the time at which the limit that is
 * used up begins anew (`x-ratelimit-reset-…`). Null when it asks for nothing that can be understood.
 */
export function retryDelay(headers: Headers | undefined, message: string, now: number): number | null {
  const wait =
    toNumber(readHeader(headers, 'retry-after-ms')) ??
    afterHeader(readHeader(headers, 'retry-after'), now) ??
    toMilliseconds(WORDS.exec(message)?.[1] ?? null) ??
    resetDelay(headers, now);
  return wait === null ? null : Math.min(Math.max(wait, 0), LONGEST_DELAY_MS);
}

function afterHeader(text: string | null, now: number): number | null {
  const seconds = toNumber(text);
  if (seconds !== null) return seconds * 1000;
  // HTTP dates begin with the day of the week; Date.parse would take much else for a date.
  const date = text !== null && /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : date - now;
}

/** The longest wait among the limits that are used up, or among all where the server does not say which are. */
function resetDelay(headers: Headers | undefined, now: number): number | null {
  const limits = ['-requests', '-tokens', ''].map((limit) => ({
    remaining: toNumber(readHeader(headers, `x-ratelimit-remaining${limit}`)),
    wait: resetWait(readHeader(headers, `x-ratelimit-reset${limit}`), now),
  }));
  const usedUp = limits.filter(({ remaining }) => remaining === 0);
  const waits = (usedUp.length > 0 ? usedUp : limits).map(({ wait }) => wait).filter((wait) => wait !== null);
  return waits.length === 0 ? null : Math.max(...waits);
}

/** A duration, seconds, or a point in time in seconds or milliseconds since 1970. */
function resetWait(text: string | null, now: number): number | null {
  const number = toNumber(text);
  if (number === null) return toMilliseconds(text);
  if (number > 1e11) return number - now;
  return number > 1e8 ? number * 1000 - now : number * 1000;
}

/** Durations as Go writes them, such as `1m30.5s` and `120ms`. */
function toMilliseconds(text: string | null): number | null {
  if (text === null || !new RegExp(`^${DURATION.source}$`).test(text)) return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, number = '', unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? 0), 0);
}

function readHeader(headers: Headers | undefined, name: string): string | null {
  return headers?.get(name)?.trim() ?? null;
}

function toNumber(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
