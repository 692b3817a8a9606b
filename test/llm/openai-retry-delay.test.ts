import { retryDelay } from '../../src/llm/openai/retry-delay';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const TEN_MINUTES = 600_000;

function delayOf(headers: Record<string, string>, message = ''): number | null {
  return retryDelay(new Headers(headers), message, NOW);
}

test.each([
  ['7', 7000],
  ['1.5', 1500],
  ['86400', TEN_MINUTES],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
  ['Sat, 03 Jan 2026 03:04:05 GMT', TEN_MINUTES],
  ['0', 0],
  ['-5', null],
  ['soon', null],
  ['', null],
])('retry-after %j is %j ms', (text, expected) => {
  expect(delayOf({ 'retry-after': text })).toBe(expected);
});

test.each([
  ['Rate limit reached. Please try again in 20s. Visit the page.', 20_000],
  ['Please try again in 6m0s.', 360_000],
  ['Please try again in 120ms.', 120],
  ['Please try again in 1.242s.', 1242],
  ['Please try again in 1h2m3s.', TEN_MINUTES],
  ['Quota exceeded. Please retry in 34.5s.', 34_500],
  ['Please try again in a while.', null],
  ['Please try again later.', null],
])('%j is %j ms', (message, expected) => {
  expect(delayOf({}, message)).toBe(expected);
});

test.each<readonly [Record<string, string>, number | null]>([
  [{ 'x-ratelimit-reset-requests': '120ms', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
  [
    {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-remaining-tokens': '500',
      'x-ratelimit-reset-tokens': '6m0s',
    },
    120,
  ],
  [{ 'x-ratelimit-reset': '12' }, 12_000],
  [{ 'x-ratelimit-reset': String(NOW + 5000) }, 5000],
  [{ 'x-ratelimit-reset': String(NOW / 1000 + 5) }, 5000],
  [{ 'x-ratelimit-reset': String(NOW - 5000) }, 0],
  [{ 'x-ratelimit-reset': 'tomorrow' }, null],
  [{}, null],
])('limits begin anew: %j is %j ms', (headers, expected) => {
  expect(delayOf(headers)).toBe(expected);
});

test('the nearest word of the server counts', () => {
  const reset = { 'x-ratelimit-reset-requests': '9s' };
  const after = { ...reset, 'retry-after': '7' };
  expect(delayOf({ ...after, 'retry-after-ms': '250' }, 'try again in 8s')).toBe(250);
  expect(delayOf(after, 'try again in 8s')).toBe(7000);
  expect(delayOf(reset, 'try again in 8s')).toBe(8000);
  expect(delayOf(reset)).toBe(9000);
});
