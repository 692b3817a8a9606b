import { types } from 'node:util';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { APIError } from 'openai';
import { FailureType } from '../domain/failure-type';

/** Longest wait that a server may ask for before the next attempt, in milliseconds. */
const LONGEST_DELAY_MS = 10 * 60 * 1000;

/** A quota that is used up comes as 429, like too many requests at once; these codes tell the two apart. */
const QUOTA_CODES = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active']);

/** Codes are words of the provider's; anything else that stands in their place (a text, a key) is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** The call that failed. */
export interface FailedCall {
  /** Host (and port) of the model server, for people. */
  readonly host: string;
  readonly model: string;
  /** Aborted when Temporal cancelled the activity. */
  readonly signal: AbortSignal;
}

/**
 * Turns whatever a model call threw into the one failure that Temporal is to see: what to retry, and after which
 * delay, is decided here and nowhere else. Neither the request's nor the answer's body goes into it, nor the key.
 *
 * - no answer, or an unusable one: `ModelUnreachable`, retryable
 * - 408, 409, 429 and 5xx: `ModelUnreachable`, retryable, after the delay that the server asks for
 * - 401 and 403: `ModelKeyRejected`; a used-up quota: `ModelQuotaExhausted`; other 4xx: `ModelRequestRejected`;
 *   none of them retryable
 * - the header `x-should-retry` overrides whether it is retried, never the type
 * - a call aborted by the activity's cancellation: `CancelledFailure`
 */
export function toModelFailure(error: unknown, call: FailedCall): ApplicationFailure | CancelledFailure {
  if (call.signal.aborted) return cancellation(call.signal);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const refusal = readRefusal(error);
  if (refusal === null) {
    return unreachable(`the model server at ${call.host} gave no answer (${connectionProblem(error)})`, call);
  }
  const { status, code, headers, requestId } = refusal;
  const verdict = judge(status, code);
  const shouldRetry = readHeader(headers, 'x-should-retry');
  const retryable = shouldRetry === 'true' || (shouldRetry !== 'false' && verdict.retryable);
  const nextRetryDelay = retryable ? retryDelay(headers, Date.now()) : null;
  const shownStatus = code === null ? String(status) : `${status} (${code})`;
  return ApplicationFailure.create({
    message: `the model server at ${call.host} answered ${shownStatus} for model "${call.model}": ${verdict.advice}`,
    type: verdict.type,
    nonRetryable: !retryable,
    details: [{ host: call.host, status, code, requestId }],
    ...(nextRetryDelay === null ? {} : { nextRetryDelay }),
  });
}

/** An answer that came but is none, such as a page of HTML: the machinery's failure, worth another attempt. */
export function unusableResponse(what: string, call: FailedCall): ApplicationFailure {
  return unreachable(`the model server at ${call.host} sent ${what} instead of a chat completion`, call);
}

/**
 * How long the server asks to wait, in milliseconds and at most ten minutes: `retry-after-ms`, else `retry-after` as
 * seconds or as an HTTP date. Null when it asks for nothing that can be understood.
 */
export function retryDelay(headers: Headers | undefined, now: number): number | null {
  const milliseconds = toNumber(readHeader(headers, 'retry-after-ms'));
  if (milliseconds !== null) return Math.min(milliseconds, LONGEST_DELAY_MS);
  const text = readHeader(headers, 'retry-after');
  const seconds = toNumber(text);
  if (seconds !== null) return Math.min(seconds * 1000, LONGEST_DELAY_MS);
  // HTTP dates begin with the day of the week; Date.parse would take much else for a date.
  const date = text !== null && /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(date)) return null;
  return Math.min(Math.max(date - now, 0), LONGEST_DELAY_MS);
}

/** An answer with a status that says no. */
interface Refusal {
  readonly status: number;
  readonly code: string | null;
  readonly headers: Headers | undefined;
  readonly requestId: string | null;
}

interface Verdict {
  readonly type: FailureType;
  readonly retryable: boolean;
  readonly advice: string;
}

function judge(status: number, code: string | null): Verdict {
  if (status === 402 || (status === 429 && code !== null && QUOTA_CODES.has(code))) {
    return {
      type: FailureType.ModelQuotaExhausted,
      retryable: false,
      advice: "the account's quota is used up; raise it with the provider, then resume the run",
    };
  }
  if (status === 401 || status === 403) {
    return {
      type: FailureType.ModelKeyRejected,
      retryable: false,
      advice: 'the key was refused; set OPENAI_API_KEY to a valid key where the worker runs, then resume the run',
    };
  }
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return {
      type: FailureType.ModelUnreachable,
      retryable: true,
      advice:
        status === 429
          ? 'it takes no more requests at present; ask for fewer at once (--parallel) when this goes on'
          : 'it cannot answer at present; see whether it is overloaded or down',
    };
  }
  return {
    type: FailureType.ModelRequestRejected,
    retryable: false,
    advice: 'it refuses the request; check the name of the model and OPENAI_BASE_URL, then resume the run',
  };
}

function unreachable(what: string, call: FailedCall): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${what}; check that it runs and that OPENAI_BASE_URL is right`,
    type: FailureType.ModelUnreachable,
    nonRetryable: false,
    details: [{ host: call.host, status: null, code: null, requestId: null }],
  });
}

function cancellation(signal: AbortSignal): CancelledFailure {
  const reason: unknown = signal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('the model call was cancelled');
}

/** Null for an error that came without a status: the connection failed, or what came was no answer. */
function readRefusal(error: unknown): Refusal | null {
  if (!(error instanceof APIError)) return null;
  const status: unknown = error.status;
  const headers: unknown = error.headers;
  if (typeof status !== 'number') return null;
  const words: readonly unknown[] = [error.code, error.type];
  return {
    status,
    code: words.find((word): word is string => typeof word === 'string' && CODE.test(word)) ?? null,
    headers: headers instanceof Headers ? headers : undefined,
    requestId: error.requestID ?? null,
  };
}

/** Words for errors that carry no code of the system's. */
const ERROR_WORDS: Readonly<Record<string, string>> = {
  APIConnectionError: 'no connection',
  APIConnectionTimeoutError: 'timed out',
  APIUserAbortError: 'timed out',
  SyntaxError: 'the answer is not JSON',
  TypeError: 'connection lost',
};

/** The system's word for what went wrong (`ECONNREFUSED`, …), searched along the causes, else one of our own. */
function connectionProblem(error: unknown): string {
  for (let current = error; types.isNativeError(current); current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && CODE.test(current.code)) return current.code;
  }
  const name = types.isNativeError(error) ? error.constructor.name : '';
  return ERROR_WORDS[name] ?? 'unknown error';
}

function readHeader(headers: Headers | undefined, name: string): string | null {
  return headers?.get(name)?.trim() ?? null;
}

function toNumber(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
