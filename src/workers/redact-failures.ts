import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Redactor } from '../store/redaction/redactor';

/** Deeper causes are left out: nobody reads them, and chains may be circular. */
const MOST_CAUSES = 10;

/** Takes secrets out of what activities throw: failures go into the run's history, its state and its files. */
export function redactFailures(redactor: Redactor): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      execute: async (input, next) => {
        try {
          return await next(input);
        } catch (error) {
          throw redactedFailure(redactor, error);
        }
      },
    },
  });
}

/** The same failure for Temporal, without secrets in its message, its details and its causes. */
export function redactedFailure(redactor: Redactor, error: unknown, causes: number = MOST_CAUSES): unknown {
  if (typeof error === 'string') return redactor.redact(error);
  if (!types.isNativeError(error)) return error;
  const cause = causes === 0 ? undefined : redactedFailure(redactor, error.cause, causes - 1);
  if (!(error instanceof ApplicationFailure)) return redactInPlace(redactor, error, cause);
  const failure = ApplicationFailure.create({
    message: redactor.redact(error.message),
    ...(error.type == null ? {} : { type: error.type }),
    nonRetryable: error.nonRetryable ?? false,
    details: detailsOf(error).map((detail) => redactor.redactAll(detail)),
    ...delayOf(error),
    ...(error.category == null ? {} : { category: error.category }),
    ...(types.isNativeError(cause) ? { cause } : {}),
  });
  if (error.stack !== undefined) failure.stack = redactor.redact(error.stack);
  return failure;
}

/** What kind of error it is decides what Temporal does, so that it stays the same one. */
function redactInPlace(redactor: Redactor, error: Error, cause: unknown): Error {
  const message = redactor.redact(error.message);
  if (message !== error.message) error.message = message;
  if (error.stack !== undefined) error.stack = redactor.redact(error.stack);
  if (cause !== error.cause) error.cause = cause;
  return error;
}

function detailsOf({ details }: { readonly details?: readonly unknown[] | null | undefined }): readonly unknown[] {
  return details ?? [];
}

/** Milliseconds in every failure of coppice's own. */
function delayOf({ nextRetryDelay }: { readonly nextRetryDelay?: unknown }): { readonly nextRetryDelay?: number } {
  return typeof nextRetryDelay === 'number' ? { nextRetryDelay } : {};
}
