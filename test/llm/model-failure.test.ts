import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { NO_USAGE } from '../../src/domain/usage';
import { toModelFailure } from '../../src/llm/model-failure';
import { CallLimitError } from '../../src/llm/openai/call-limits';
import { UnusableAnswer } from '../../src/llm/openai/unusable-answer';

const SECRET = 'sk-proj-0123456789abcdef';
const CALL = {
  host: 'models.example:8080',
  model: 'some-model',
  keyVariable: 'ROUTER_KEY',
  signal: new AbortController().signal,
  usage: null,
};
const TEN_MINUTES = 600_000;

interface Row {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Record<string, string>;
  readonly type: string;
  readonly retryable: boolean;
  readonly delay?: number;
}

function refusal({ status, code, message, headers }: Row): APIError {
  const body = { error: { message: message ?? `wrong key ${SECRET}`, code: code ?? null, type: 'some_error' } };
  return APIError.generate(status, body, undefined, new Headers({ 'x-request-id': 'request-1', ...headers }));
}

function failureOf(error: unknown): ApplicationFailure {
  const failure = toModelFailure(error, CALL);
  if (!(failure instanceof ApplicationFailure)) throw new Error('not an application failure');
  return failure;
}

describe('a refusal of the model server', () => {
  test.each<Row>([
    { status: 400, type: 'ModelRequestRejected', retryable: false },
    { status: 404, code: 'model_not_found', type: 'ModelRequestRejected', retryable: false },
    { status: 413, type: 'ContextTooLong', retryable: false },
    { status: 400, code: 'context_length_exceeded', type: 'ContextTooLong', retryable: false },
    { status: 429, message: 'Request too large: Limit 3, Requested 5', type: 'ContextTooLong', retryable: false },
    {
      status: 400,
      code: 'context_length_exceeded',
      headers: { 'x-should-retry': 'true' },
      type: 'ContextTooLong',
      retryable: false,
    },
    { status: 400, message: 'Your credit balance is too low.', type: 'ModelQuotaExhausted', retryable: false },
    { status: 403, message: 'Key limit exceeded', type: 'ModelQuotaExhausted', retryable: false },
    { status: 425, type: 'ModelUnreachable', retryable: true },
    { status: 501, type: 'ModelUnreachable', retryable: true },
    { status: 429, message: 'Please try again in 6m0s.', type: 'ModelUnreachable', retryable: true, delay: 360_000 },
    { status: 422, type: 'ModelRequestRejected', retryable: false },
    { status: 401, code: 'invalid_api_key', type: 'ModelKeyRejected', retryable: false },
    { status: 403, type: 'ModelKeyRejected', retryable: false },
    { status: 402, type: 'ModelQuotaExhausted', retryable: false },
    { status: 429, code: 'insufficient_quota', type: 'ModelQuotaExhausted', retryable: false },
    { status: 429, code: 'rate_limit_exceeded', type: 'ModelUnreachable', retryable: true },
    { status: 408, type: 'ModelUnreachable', retryable: true },
    { status: 409, type: 'ModelUnreachable', retryable: true },
    { status: 500, type: 'ModelUnreachable', retryable: true },
    { status: 503, type: 'ModelUnreachable', retryable: true },
    { status: 529, type: 'ModelUnreachable', retryable: true },
    { status: 429, headers: { 'retry-after': '7' }, type: 'ModelUnreachable', retryable: true, delay: 7000 },
    { status: 429, headers: { 'retry-after': '1.5' }, type: 'ModelUnreachable', retryable: true, delay: 1500 },
    {
      status: 503,
      headers: { 'retry-after': '7', 'retry-after-ms': '250' },
      type: 'ModelUnreachable',
      retryable: true,
      delay: 250,
    },
    { status: 429, headers: { 'retry-after': '86400' }, type: 'ModelUnreachable', retryable: true, delay: TEN_MINUTES },
    { status: 429, headers: { 'retry-after': 'soon' }, type: 'ModelUnreachable', retryable: true },
    { status: 500, headers: { 'x-should-retry': 'false' }, type: 'ModelUnreachable', retryable: false },
    { status: 429, headers: { 'x-should-retry': 'false' }, type: 'ModelUnreachable', retryable: false },
    {
      status: 400,
      headers: { 'x-should-retry': 'true', 'retry-after': '2' },
      type: 'ModelRequestRejected',
      retryable: true,
      delay: 2000,
    },
    { status: 401, headers: { 'retry-after': '7' }, type: 'ModelKeyRejected', retryable: false },
  ])('$status $code $headers is $type, retryable: $retryable', (row) => {
    const failure = failureOf(refusal(row));
    expect(failure.type).toBe(row.type);
    expect(failure.nonRetryable).toBe(!row.retryable);
    expect(failure.nextRetryDelay).toBe(row.delay);
  });

  test('names host, status and request id, and repeats nothing of the body', () => {
    const failure = failureOf(refusal({ status: 401, code: 'invalid_api_key', type: '', retryable: false }));
    expect(failure.details).toEqual([
      { host: 'models.example:8080', status: 401, code: 'invalid_api_key', requestId: 'request-1', usage: null },
    ]);
    expect(failure.message).toMatch(/models\.example:8080 answered 401 \(invalid_api_key\).*ROUTER_KEY.*resume/);
    expect(JSON.stringify([failure.message, failure.details, failure.stack, failure.cause])).not.toContain(SECRET);
  });

  test('does not repeat a text that stands in place of the code', () => {
    const failure = failureOf(refusal({ status: 401, code: `key ${SECRET}`, type: '', retryable: false }));
    expect(JSON.stringify([failure.message, failure.details])).not.toContain(SECRET);
  });
});

describe('no answer from the model server', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

  test.each([
    [
      'a refused connection',
      new APIConnectionError({ cause: new TypeError('fetch failed', { cause: refused }) }),
      'ECONNREFUSED',
    ],
    ['a time-out', new APIConnectionTimeoutError(), 'timed out'],
    ['an abort that nobody asked for', new APIUserAbortError(), 'timed out'],
    ['a connection lost in the answer', new TypeError('terminated'), 'connection lost'],
    ['an answer that is not JSON', new SyntaxError('Unexpected token <'), 'not JSON'],
    ['silence', new CallLimitError('silent for 60 s'), 'silent for 60 s'],
    ['something unknown', 'what?', 'unknown error'],
  ])('%s is retried', (_name, error, word) => {
    const failure = failureOf(error);
    expect(failure).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
    expect(failure.message).toMatch(/models\.example:8080 gave no answer \(.*base URL/);
    expect(failure.message).toContain(word);
  });
});

test('a call that the activity cancelled is cancelled, with its reason, whatever was thrown', () => {
  const controller = new AbortController();
  const reason = new CancelledFailure('WORKER_SHUTDOWN');
  controller.abort(reason);
  expect(toModelFailure(new APIUserAbortError(), { ...CALL, signal: controller.signal })).toBe(reason);
});

test('a failure that has its type already stays as it is', () => {
  const failure = ApplicationFailure.nonRetryable('no', 'Typed');
  expect(toModelFailure(failure, CALL)).toBe(failure);
});

test('what a useless answer used is told with it', () => {
  const usage = { ...NO_USAGE, calls: 1, promptTokens: 5 };
  const failure = toModelFailure(new UnusableAnswer('a page of HTML'), { ...CALL, usage });
  expect(failure).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false, details: [{ status: null, usage }] });
});
