import { types } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';

/** A read or write of the store that did not work; `code` is the operating system's, when there is one. */
export class StoreError extends Error {
  readonly code: string | null;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.code = errorCode(cause);
  }
}

/** The `code` of a system error (`ENOENT`, …), or null when the value carries none. */
export function errorCode(error: unknown): string | null {
  // Unlike `instanceof`, this also knows errors made in another realm (of a vm context, say).
  if (!types.isNativeError(error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * Turns whatever a store operation threw into a retryable failure for the workflow: `DiskFull` when no room is left,
 * else `StoreUnavailable`. A failure that already has a type of its own passes unchanged.
 */
export function toStoreFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const message = types.isNativeError(error) ? error.message : String(error);
  return ApplicationFailure.create({
    message,
    type: isDiskFull(error) ? FailureType.DiskFull : FailureType.StoreUnavailable,
    nonRetryable: false,
    ...(types.isNativeError(error) ? { cause: error } : {}),
  });
}

/** Whether the error, or one it was caused by, says that the disk or the quota is used up. */
function isDiskFull(error: unknown): boolean {
  for (let current = error; types.isNativeError(current); current = current.cause) {
    const code = errorCode(current);
    if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  }
  return false;
}
