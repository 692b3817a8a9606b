/** How the dates of a column are written. */
export interface DateFormats {
  /** As `strptime` takes them, the most frequent one first. */
  readonly formats: readonly string[];
  readonly withTime: boolean;
}

/** Share of the values that must be dates. */
const LEAST_SHARE = 0.95;

const TIMES: readonly (readonly [RegExp, string])[] = [
  [/ \d{1,2}:\d{2}:\d{2}\.\d+$/, ' %H:%M:%S.%f'],
  [/ \d{1,2}:\d{2}:\d{2} [AP]M$/i, ' %I:%M:%S %p'],
  [/ \d{1,2}:\d{2} [AP]M$/i, ' %I:%M %p'],
  [/ \d{1,2}:\d{2}:\d{2}$/, ' %H:%M:%S'],
  [/ \d{1,2}:\d{2}$/, ' %H:%M'],
  [/T\d{2}:\d{2}:\d{2}\.\d+$/, 'T%H:%M:%S.%f'],
  [/T\d{2}:\d{2}:\d{2}$/, 'T%H:%M:%S'],
  [/T\d{2}:\d{2}$/, 'T%H:%M'],
];

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)';
const LONG_MONTH = '(?:january|february|march|april|may|june|july|august|september|october|november|december)';

/** Days that can only be read in one way. */
const CLEAR: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d{1,2}-\d{1,2}$/, '%Y-%m-%d'],
  [/^\d{4}\/\d{1,2}\/\d{1,2}$/, '%Y/%m/%d'],
  [/^\d{4}\.\d{1,2}\.\d{1,2}$/, '%Y.%m.%d'],
  [new RegExp(`^\\d{1,2} ${MONTH} \\d{4}$`, 'i'), '%d %b %Y'],
  [new RegExp(`^\\d{1,2}-${MONTH}-\\d{4}$`, 'i'), '%d-%b-%Y'],
  [new RegExp(`^\\d{1,2}-${MONTH}-\\d{2}$`, 'i'), '%d-%b-%y'],
  [new RegExp(`^${MONTH} \\d{1,2}, \\d{4}$`, 'i'), '%b %d, %Y'],
  [new RegExp(`^\\d{1,2} ${LONG_MONTH} \\d{4}$`, 'i'), '%d %B %Y'],
  [new RegExp(`^${LONG_MONTH} \\d{1,2}, \\d{4}$`, 'i'), '%B %d, %Y'],
];

/** Two numbers and a year: which is the month, other values of the column may tell. */
const AMBIGUOUS = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})$/;

/**
 * How the dates in a column are written, or null when it holds none. Where the order of day and month is not clear by
 * any value with the same separator, points and hyphens have the day first and slashes the month.
 */
export function dateFormatsOf(values: readonly string[]): DateFormats | null {
  const parts = values.map((value) => splitTime(value.trim()));
  const orders = new Map(['.', '/', '-'].map((separator) => [separator, ordersOf(separator, parts)]));
  const counts = new Map<string, number>();
  let dates = 0;
  for (const part of parts) {
    const format = formatOf(part.day, orders);
    if (format === null) continue;
    dates++;
    counts.set(format + part.time, (counts.get(format + part.time) ?? 0) + 1);
  }
  if (dates === 0 || dates < LEAST_SHARE * values.length) return null;
  const formats = [...counts].sort(([, left], [, right]) => right - left).map(([format]) => format);
  return { formats, withTime: formats.some((format) => format.includes('%H') || format.includes('%I')) };
}

interface Part {
  readonly day: string;
  readonly time: string;
}

function splitTime(value: string): Part {
  for (const [pattern, time] of TIMES) {
    if (pattern.test(value)) return { day: value.replace(pattern, ''), time };
  }
  return { day: value, time: '' };
}

/** The order of day and month for values with one separator. */
function ordersOf(separator: string, parts: readonly Part[]): 'day' | 'month' {
  const found = parts.flatMap(({ day }) => {
    const [, first, mark, second] = AMBIGUOUS.exec(day) ?? [];
    return mark === separator ? [[Number(first), Number(second)] as const] : [];
  });
  const dayFirst = found.filter(([first]) => first > 12).length;
  const monthFirst = found.filter(([, second]) => second > 12).length;
  if (dayFirst === monthFirst) return separator === '/' ? 'month' : 'day';
  return dayFirst > monthFirst ? 'day' : 'month';
}

function formatOf(day: string, orders: ReadonlyMap<string, 'day' | 'month'>): string | null {
  const clear = CLEAR.find(([pattern]) => pattern.test(day));
  if (clear !== undefined) return clear[1];
  const [, first = '', separator = '', second = '', year = ''] = AMBIGUOUS.exec(day) ?? [];
  if (separator === '') return null;
  const order = orders.get(separator) ?? 'day';
  const [dayOfMonth, month] = order === 'day' ? [Number(first), Number(second)] : [Number(second), Number(first)];
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31) return null;
  const names = order === 'day' ? ['%d', '%m'] : ['%m', '%d'];
  return [...names, year.length === 4 ? '%Y' : '%y'].join(separator);
}
