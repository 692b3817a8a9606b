import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { findConnection, openClient } from '../workers/connect';
import type { CommandContext } from './command-context';
import { settledWithin } from './settled-within';

/** How a run's workflow stands on the server. */
export type WorkflowStatus = 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated';

/**
 * The statuses of the named run, or of all, by run id; null when the embedded server does not run.
 *
 * @throws Error when the server does not answer in time
 */
export async function listWorkflowStatuses(
  context: CommandContext,
  patienceMs: number,
  runId?: string,
): Promise<ReadonlyMap<string, WorkflowStatus> | null> {
  const resolved = await findConnection({ settings: context.settings });
  if (resolved === null) return null;
  const opened = await settledWithin(patienceMs, `the server at ${resolved.address}`, openClient(resolved));
  try {
    return await opened.client.withDeadline(Date.now() + patienceMs, () => statusesOn(opened.client, runId));
  } finally {
    await opened.close();
  }
}

/** The statuses of the named run, or of all, by run id. */
export async function statusesOn(client: Client, runId?: string): Promise<ReadonlyMap<string, WorkflowStatus>> {
  if (runId === undefined) return everyStatus(client);
  const status = await workflowStatus(client, runId);
  return new Map(status === null ? [] : [[runId, status]]);
}

async function everyStatus(client: Client): Promise<ReadonlyMap<string, WorkflowStatus>> {
  const statuses = new Map<string, WorkflowStatus>();
  // Newest first: of several executions under one id the first one seen is the one that counts.
  for await (const execution of client.workflow.list({ query: "WorkflowType = 'treeSearch'" })) {
    const status = toWorkflowStatus(execution.status.name);
    if (!statuses.has(execution.workflowId) || status === 'running') statuses.set(execution.workflowId, status);
  }
  return statuses;
}

/** The status of a run's workflow; null when the server does not know it. */
export async function workflowStatus(client: Client, runId: string): Promise<WorkflowStatus | null> {
  try {
    const description = await client.workflow.getHandle(runId).describe();
    return toWorkflowStatus(description.status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The status by its name in Temporal. */
export function toWorkflowStatus(name: string): WorkflowStatus {
  switch (name) {
    case 'RUNNING':
    case 'CONTINUED_AS_NEW':
    case 'PAUSED':
      return 'running';
    case 'COMPLETED':
      return 'completed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    default:
      return 'failed';
  }
}
