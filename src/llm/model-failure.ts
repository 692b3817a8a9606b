import { types } from 'node:util';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { Usage } from '../domain/usage';
import type { CallFailureDetails } from './model';
import { CallLimitError } from './openai/call-limits';
import { isContextTooLong, isQuotaExhausted } from './openai/error-kinds';
import { retryDelay } from './openai/retry-delay';
import { readServerError, type ServerError } from './openai/server-error';
import { UnusableAnswer } from './openai/unusable-answer';

/** Wait before a call that is made again without what the server turned out to lack, in milliseconds. */
const ASK_AGAIN_DELAY_MS = 100;

/** Codes of the system's; anything else that stands in their place is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** The call that failed. */
export interface FailedCall {
  /** Host (and port) of the model server, for people. */
  readonly host: string;
  readonly model: string;
  /** Environment variable that holds the key; null: none was sent. */
  readonly keyVariable: string | null;
  /** Aborted when Temporal cancelled the activity. */
  readonly signal: AbortSignal;
  /** What the server says it used all the same. */
  readonly usage: Usage | null;
}

/**
 * Turns whatever a model call threw into the one failure that Temporal is to see: what to retry, and after which
 * delay, is decided here and nowhere else. Neither the request's nor the answer's body goes into it, nor the key.
 *
 * - no answer, an unusable one, or none within the call's limits: `ModelUnreachable`, retryable
 * - 408, 409, 429 and 5xx: `ModelUnreachable`, retryable, after the delay that the server asks for
 * - a prompt that does not fit: `ContextTooLong`, whatever the status; 401 and 403: `ModelKeyRejected`; a used-up quota:
 *   `ModelQuotaExhausted`; other 4xx: `ModelRequestRejected`; none of them retryable
 * - an error inside an answer of status 200 counts as the status that it names
 * - the header `x-should-retry` overrides whether it is retried, never the type, and never for `ContextTooLong`
 * - a call aborted by the activity's cancellation: `CancelledFailure`
 */
export function toModelFailure(error: unknown, call: FailedCall): ApplicationFailure | CancelledFailure {
  if (call.signal.aborted) return cancellation(call.signal);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const refusal = readServerError(error);
  if (refusal !== null) return refused(refusal, call);
  const what =
    error instanceof UnusableAnswer
      ? `sent ${error.what} instead of a chat completion`
      : `gave no answer (${connectionProblem(error)})`;
  return ApplicationFailure.create({
    message: `the model server at ${call.host} ${what}; check that it runs and that its base URL is right`,
    type: FailureType.ModelUnreachable,
    nonRetryable: false,
    details: [detailsOf(call)],
  });
}

/** The step is to make this call as a new attempt of its own, so that the rate limit of the endpoint counts it. */
export function askAgain(error: unknown, lacking: string, call: FailedCall): ApplicationFailure {
  return ApplicationFailure.create({
    message: `the model server at ${call.host} does not take "${lacking}" of model "${call.model}": asked again without`,
    type: FailureType.AskAgain,
    nonRetryable: false,
    nextRetryDelay: ASK_AGAIN_DELAY_MS,
    details: [detailsOf(call, readServerError(error))],
  });
}

function refused(refusal: ServerError, call: FailedCall): ApplicationFailure {
  const { status, code, headers, message } = refusal;
  const verdict = judge(refusal, call);
  const shouldRetry = headers?.get('x-should-retry');
  const retryable =
    verdict.type !== FailureType.ContextTooLong &&
    (shouldRetry === 'true' || (shouldRetry !== 'false' && verdict.retryable));
  const nextRetryDelay = retryable ? retryDelay(headers, message, Date.now()) : null;
  const shown = [status ?? 'an error', code === null ? '' : `(${code})`].join(' ').trim();
  return ApplicationFailure.create({
    message: `the model server at ${call.host} answered ${shown} for model "${call.model}": ${verdict.advice}`,
    type: verdict.type,
    nonRetryable: !retryable,
    details: [detailsOf(call, refusal)],
    ...(nextRetryDelay === null ? {} : { nextRetryDelay }),
  });
}

function detailsOf(call: FailedCall, refusal: ServerError | null = null): CallFailureDetails {
  return {
    host: call.host,
    status: refusal?.status ?? null,
    code: refusal?.code ?? null,
    requestId: refusal?.requestId ?? null,
    usage: call.usage,
  };
}

interface Verdict {
  readonly type: FailureType;
  readonly retryable: boolean;
  readonly advice: string;
}

function judge(refusal: ServerError, call: FailedCall): Verdict {
  const { status } = refusal;
  if (isContextTooLong(refusal)) {
    return {
      type: FailureType.ContextTooLong,
      retryable: false,
      advice: 'the prompt is too long for it; say how many tokens it takes with contextTokens of the model setting',
    };
  }
  if (isQuotaExhausted(refusal)) {
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
      advice: keyAdvice(call),
    };
  }
  if (status === null || [408, 409, 425, 429].includes(status) || status >= 500) {
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
    advice: 'it refuses the request; check the name of the model and the base URL, then resume the run',
  };
}

function cancellation(signal: AbortSignal): CancelledFailure {
  const reason: unknown = signal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure('the model call was cancelled');
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
  if (error instanceof CallLimitError) return error.what;
  for (let current = error; types.isNativeError(current); current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && CODE.test(current.code)) return current.code;
  }
  const name = types.isNativeError(error) ? error.constructor.name : '';
  return ERROR_WORDS[name] ?? 'unknown error';
}

function keyAdvice({ keyVariable }: FailedCall): string {
  if (keyVariable === null) {
    return 'it wants a key and got none; start the run anew with the name of the variable that holds it (keyVariable)';
  }
  return `the key was refused; set ${keyVariable} to a valid key where the worker runs, then resume the run`;
}
