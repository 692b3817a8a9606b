import { createHash } from 'node:crypto';
import type { ActionInput } from './actions';
import type { CallKey } from './rules';

/** What real servers do to their clients on a bad day, by name. */
export const FAULTS = {
  'too many requests, no delay': { type: 'refuse', status: 429, code: 'rate_limit_exceeded' },
  'too many requests, seconds': { type: 'refuse', status: 429, retryAfter: { ms: 1000, as: 'seconds' } },
  'too many requests, milliseconds': { type: 'refuse', status: 429, retryAfter: { ms: 200, as: 'milliseconds' } },
  'too many requests, date': { type: 'refuse', status: 429, retryAfter: { ms: 1000, as: 'date' } },
  'request time-out': { type: 'refuse', status: 408 },
  conflict: { type: 'refuse', status: 409 },
  'server error': { type: 'refuse', status: 500 },
  'bad gateway': { type: 'respond', status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502</html>' },
  overloaded: { type: 'refuse', status: 503, retryAfter: { ms: 300, as: 'milliseconds' } },
  'gateway time-out': { type: 'respond', status: 504, body: '' },
  HTML: { type: 'garbage', kind: 'html' },
  'plain text': { type: 'garbage', kind: 'plain_text' },
  'empty body': { type: 'garbage', kind: 'empty' },
  'broken JSON': { type: 'garbage', kind: 'broken_json' },
  'error with status 200': { type: 'garbage', kind: 'error_object' },
  'broken stream': { type: 'garbage', kind: 'broken_stream' },
  'error in the stream': { type: 'garbage', kind: 'stream_error' },
  'no choices': { type: 'answer', form: 'no_choices' },
  'empty choices': { type: 'answer', form: 'empty_choices' },
  'null content': { type: 'answer', form: 'null_content' },
  'unwanted tool call': { type: 'answer', form: 'tool_call' },
  'unusable text': { type: 'answer', text: 'I would rather talk about the weather.' },
  'empty text': { type: 'answer', text: '' },
  'cut off': { type: 'answer', cutAt: 20 },
  'thinks in a field': { type: 'answer', reasoning: 'reasoning_content' },
  'thinks aloud': { type: 'answer', reasoning: 'think' },
  'in one piece': { type: 'answer', inOnePiece: true },
  'slow stream': { type: 'answer', stream: { pauseMs: 50 } },
  'silent stream': { type: 'answer', stream: { silentAfter: 3 } },
  'connection closed': { type: 'cut' },
  'connection lost half-way': { type: 'cut', after: 'half' },
  'no answer': { type: 'hold' },
  'away for a second': { type: 'down', ms: 1000 },
  'context too long': { type: 'too_long' },
  refusal: { type: 'answer', form: 'refusal' },
  filtered: { type: 'answer', form: 'filtered' },
  'key rejected': { type: 'refuse', status: 401, code: 'invalid_api_key' },
  'quota used up': { type: 'refuse', status: 429, code: 'insufficient_quota' },
} as const satisfies Readonly<Record<string, ActionInput>>;
export type FaultName = keyof typeof FAULTS;

/** Faults that strike any request, however often it is sent again. */
export interface RandomFaults {
  readonly seed: number;
  /** Of all requests, from 0 to 1. */
  readonly share: number;
  readonly kinds: readonly FaultName[];
}

/** The fault of the `sending`-th sending of a call; by seed, so that nothing depends on the order of arrival. */
export function drawFault({ seed, share, kinds }: RandomFaults, call: CallKey, sending: number): FaultName | null {
  const key = [seed, call.runId, call.node, call.purpose, call.ask, sending].join('/');
  const digest = createHash('sha256').update(key).digest();
  if (digest.readUInt32BE(0) / 2 ** 32 >= share) return null;
  return kinds[digest.readUInt32BE(4) % kinds.length] ?? null;
}
