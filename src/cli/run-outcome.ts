import { CancelledFailure, ApplicationFailure, TerminatedFailure } from '@temporalio/common';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { withinLimit } from '../llm/within-limit';
import type { Session } from './session';

/** How a run's workflow ended. */
export type RunOutcome =
  | { readonly kind: 'finished' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string };

const RETRY_MS = 1000;

/** Longest single wait, in milliseconds: the client leaves a listener at the signal of a wait with every poll it makes. */
const WAIT_MS = 60_000;

/**
 * Waits for the end of a run, through outages of the server.
 *
 * @returns null when `signal` is aborted first
 */
export async function awaitOutcome(session: Session, runId: string, signal: AbortSignal): Promise<RunOutcome | null> {
  const { client } = session;
  while (!signal.aborted) {
    try {
      const result = (): Promise<unknown> => client.workflow.getHandle(runId).result();
      await withinLimit(signal, WAIT_MS, (limited) => client.withAbortSignal(limited, result));
      return { kind: 'finished' };
    } catch (error) {
      if (error instanceof WorkflowFailedError) return outcomeOf(error);
      if (error instanceof WorkflowNotFoundError) {
        return { kind: 'failed', type: 'NotFound', message: 'the server does not know the run any more' };
      }
      // The wait was long enough, or the server is away; it comes back, or somebody interrupts.
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

function outcomeOf(error: WorkflowFailedError): RunOutcome {
  const { cause } = error;
  if (cause instanceof CancelledFailure) return { kind: 'cancelled' };
  if (cause instanceof TerminatedFailure) return { kind: 'terminated' };
  const type = cause instanceof ApplicationFailure ? (cause.type ?? 'unknown') : 'unknown';
  return { kind: 'failed', type, message: cause?.message ?? error.message };
}
