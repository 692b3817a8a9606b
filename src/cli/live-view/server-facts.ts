import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import type { Progress } from '../../workflows/messages';
import { progressQuery } from '../../workflows/messages';
import type { Session } from '../session';
import type { WorkflowStatus } from '../workflow-status';
import { toWorkflowStatus } from '../workflow-status';

/** A step that is under way or waits to be tried again. */
export interface PendingStep {
  /** Name of the activity. */
  readonly name: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Why the last try failed; null when none did. */
  readonly failure: string | null;
  /** In milliseconds since the epoch; null when the server does not say. */
  readonly scheduledAt: number | null;
  /** Which node's script it runs, and its last line of output; null for other steps, and before the first heartbeat. */
  readonly script: { readonly node: number; readonly line: string } | null;
}

/**
 * What a server knows of a run beyond its files.
 *
 * - `silent`: it did not answer in time
 * - `unknown`: it has no such run
 */
export type ServerAnswer =
  | { readonly kind: 'silent' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'known';
      readonly status: WorkflowStatus;
      /** Null when no worker answers. */
      readonly progress: Progress | null;
      readonly pending: readonly PendingStep[];
    };

/** Details of the heartbeats of a script's run; workers of earlier versions do not name the node. */
const scriptPlaceSchema = z.object({ nodeId: z.int(), line: z.string() });

/** Asks a server for a run, with at most `patienceMs` milliseconds for the answer. */
export async function askServer(session: Session, runId: string, patienceMs: number): Promise<ServerAnswer> {
  const { client } = session;
  const handle = client.workflow.getHandle(runId);
  const until = Date.now() + patienceMs;
  const [description, progress] = await Promise.all([
    client.withDeadline(until, () => handle.describe()).catch(absence),
    client.withDeadline(until, () => handle.query(progressQuery)).catch(() => null),
  ]);
  if ('kind' in description) return description;
  const status = toWorkflowStatus(description.status.name);
  return { kind: 'known', status, progress, pending: pendingSteps(description) };
}

function absence(error: unknown): Extract<ServerAnswer, { kind: 'silent' | 'unknown' }> {
  return { kind: error instanceof WorkflowNotFoundError ? 'unknown' : 'silent' };
}

function pendingSteps({ raw }: WorkflowExecutionDescription): PendingStep[] {
  return (raw.pendingActivities ?? []).map((pending) => {
    const { activityType, attempt, lastFailure, scheduledTime, heartbeatDetails } = pending;
    const [payload] = heartbeatDetails?.payloads ?? [];
    const details: unknown = payload === undefined ? null : defaultPayloadConverter.fromPayload(payload);
    const place = scriptPlaceSchema.safeParse(details);
    return {
      name: activityType?.name ?? 'step',
      attempt: attempt ?? 1,
      failure: lastFailure?.message ?? null,
      scheduledAt: scheduledTime?.seconds == null ? null : Number(scheduledTime.seconds) * 1000,
      script: place.success ? { node: place.data.nodeId, line: place.data.line } : null,
    };
  });
}
