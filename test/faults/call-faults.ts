import { always, FIRST_REVIEW, once, type Fault } from './fault';

const RETRIED = { moreRequests: 1 } as const;
const ASKED_ANEW = { moreRequests: 1 } as const;
const TAKEN = { moreRequests: 0 } as const;

/** The server says no. */
const REFUSALS: readonly Fault[] = [
  { name: 'takes no more requests (429)', rules: once({ type: 'refuse', status: 429 }), expected: RETRIED },
  {
    name: 'takes none for 2 seconds (429, retry-after)',
    rules: once({ type: 'refuse', status: 429, retryAfter: { ms: 2000, as: 'seconds' } }),
    expected: RETRIED,
  },
  {
    name: 'takes none for 300 milliseconds (429, retry-after-ms)',
    rules: once({ type: 'refuse', status: 429, retryAfter: { ms: 300, as: 'milliseconds' } }),
    expected: RETRIED,
  },
  {
    name: 'takes none until a date (429, retry-after)',
    rules: once({ type: 'refuse', status: 429, retryAfter: { ms: 3000, as: 'date' } }),
    expected: RETRIED,
  },
  { name: 'gave up waiting for the request (408)', rules: once({ type: 'refuse', status: 408 }), expected: RETRIED },
  { name: 'has a conflict (409)', rules: once({ type: 'refuse', status: 409 }), expected: RETRIED },
  { name: 'falls over (500)', rules: once({ type: 'refuse', status: 500 }), expected: RETRIED },
  {
    name: 'stands behind a broken gateway (502, HTML)',
    rules: once({ type: 'respond', status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>502</h1>' }),
    expected: RETRIED,
  },
  {
    name: 'is overloaded (503, retry-after-ms)',
    rules: once({ type: 'refuse', status: 503, retryAfter: { ms: 300, as: 'milliseconds' } }),
    expected: RETRIED,
  },
  {
    name: 'is waited for in vain by its gateway (504, nothing)',
    rules: once({ type: 'respond', status: 504, body: '' }),
    expected: RETRIED,
  },
  { name: 'is overloaded (529)', rules: once({ type: 'refuse', status: 529 }), expected: RETRIED },
  {
    name: 'is overloaded for good (503, every time)',
    rules: always({ type: 'refuse', status: 503, retryAfter: { ms: 100, as: 'milliseconds' } }),
    expected: { moreRequests: 5, pause: 'model_unreachable' },
  },
  {
    name: 'rejects the key (401)',
    rules: once({ type: 'refuse', status: 401, code: 'invalid_api_key' }),
    expected: { ...RETRIED, pause: 'model_key' },
  },
  {
    name: 'forbids the model (403)',
    rules: once({ type: 'refuse', status: 403 }),
    expected: { ...RETRIED, pause: 'model_key' },
  },
  {
    name: 'wants payment (402)',
    rules: once({ type: 'refuse', status: 402 }),
    expected: { ...RETRIED, pause: 'model_quota' },
  },
  {
    name: 'says that the quota is used up (429)',
    rules: once({ type: 'refuse', status: 429, code: 'insufficient_quota' }),
    expected: { ...RETRIED, pause: 'model_quota' },
  },
  {
    name: 'does not know the model (404)',
    rules: once({ type: 'refuse', status: 404, code: 'model_not_found', message: 'The model does not exist' }),
    expected: { ...RETRIED, pause: 'model_rejected' },
  },
  {
    name: 'sends the client elsewhere (301)',
    rules: once({ type: 'respond', status: 301, headers: { location: '/nowhere' }, body: '' }),
    expected: { ...RETRIED, pause: 'model_rejected' },
  },
];

/** The server sends what is no answer. */
const GARBAGE: readonly Fault[] = [
  { name: 'sends a page of HTML (200)', rules: once({ type: 'garbage', kind: 'html' }), expected: RETRIED },
  { name: 'sends plain text (200)', rules: once({ type: 'garbage', kind: 'plain_text' }), expected: RETRIED },
  { name: 'sends nothing (200)', rules: once({ type: 'garbage', kind: 'empty' }), expected: RETRIED },
  { name: 'sends JSON that ends too soon', rules: once({ type: 'garbage', kind: 'broken_json' }), expected: RETRIED },
  {
    name: 'sends an error as an answer (200)',
    rules: once({ type: 'garbage', kind: 'error_object' }),
    expected: RETRIED,
  },
  { name: 'streams what is not JSON', rules: once({ type: 'garbage', kind: 'broken_stream' }), expected: RETRIED },
  {
    name: 'breaks off its stream with an error',
    rules: once({ type: 'garbage', kind: 'stream_error' }),
    expected: RETRIED,
  },
  { name: 'leaves the choices out', rules: once({ type: 'answer', form: 'no_choices' }), expected: RETRIED },
  { name: 'gives no choice', rules: once({ type: 'answer', form: 'empty_choices' }), expected: RETRIED },
  { name: 'answers null, and bills it', rules: once({ type: 'answer', form: 'null_content' }), expected: RETRIED },
  { name: 'calls a tool nobody offered', rules: once({ type: 'answer', form: 'tool_call' }), expected: RETRIED },
  {
    name: 'answers null every time',
    rules: always({ type: 'answer', form: 'null_content' }),
    expected: { moreRequests: 5, pause: 'model_unreachable' },
  },
];

/** The connection does not hold. */
const CONNECTIONS: readonly Fault[] = [
  { name: 'ends the connection', rules: once({ type: 'cut' }), expected: RETRIED },
  { name: 'ends the connection half-way', rules: once({ type: 'cut', after: 'half' }), expected: RETRIED },
  {
    name: 'does not answer',
    rules: once({ type: 'hold' }),
    model: { timeout: '3s' },
    expected: RETRIED,
  },
  {
    name: 'falls silent in its answer',
    rules: once({ type: 'answer', stream: { silentAfter: 4 } }),
    model: { silence: '2s' },
    expected: RETRIED,
  },
  {
    name: 'streams slowly, but streams',
    rules: once({ type: 'answer', stream: { pauseMs: 200 } }),
    model: { silence: '2s' },
    expected: TAKEN,
  },
  { name: 'streams though not asked to, or not', rules: once({ type: 'answer', inOnePiece: true }), expected: TAKEN },
];

/** The answer is one, but not what was asked for. */
const ANSWERS: readonly Fault[] = [
  { name: 'writes no code', rules: once({ type: 'answer', text: 'Let us talk.' }), expected: ASKED_ANEW },
  { name: 'writes an empty text', rules: once({ type: 'answer', text: '' }), expected: ASKED_ANEW },
  {
    name: 'never writes code',
    rules: always({ type: 'answer', text: 'Let us talk.' }),
    expected: { moreRequests: 0, failed: 'no_code' },
  },
  { name: 'is cut off (length)', rules: once({ type: 'answer', cutAt: 120 }), expected: ASKED_ANEW },
  {
    name: 'reviews in words instead of JSON',
    rules: [{ ...FIRST_REVIEW, nth: 1, action: { type: 'answer', text: 'It looks fine to me.' } }],
    expected: ASKED_ANEW,
  },
  {
    name: 'reviews with other keys',
    rules: [{ ...FIRST_REVIEW, nth: 1, action: { type: 'answer', text: '{"verdict": "fine"}' } }],
    expected: ASKED_ANEW,
  },
  {
    name: 'never reviews in JSON',
    rules: [{ ...FIRST_REVIEW, action: { type: 'answer', text: 'It looks fine to me.' } }],
    expected: { moreRequests: 2, unreviewed: true },
  },
  {
    name: 'declines to answer (refusal)',
    rules: once({ type: 'answer', form: 'refusal' }),
    expected: { moreRequests: -2, failed: 'model_refused' },
  },
  {
    name: 'filters its answer (content_filter)',
    rules: once({ type: 'answer', form: 'filtered' }),
    expected: { moreRequests: -2, failed: 'model_refused' },
  },
  {
    name: 'thinks in a field of its own',
    rules: once({ type: 'answer', reasoning: 'reasoning_content' }),
    expected: TAKEN,
  },
  { name: 'thinks in another field', rules: once({ type: 'answer', reasoning: 'reasoning' }), expected: TAKEN },
  { name: 'thinks in the answer (<think>)', rules: once({ type: 'answer', reasoning: 'think' }), expected: TAKEN },
  {
    name: 'finds the prompt too long, once',
    rules: once({ type: 'too_long' }),
    expected: ASKED_ANEW,
  },
  {
    name: 'finds every prompt too long',
    rules: always({ type: 'too_long' }),
    expected: { moreRequests: 4, pause: 'model_rejected' },
  },
];

/** What may happen to a single call, at a server that serves other runs as well. */
export const CALL_FAULTS: readonly Fault[] = [...REFUSALS, ...GARBAGE, ...CONNECTIONS, ...ANSWERS];
