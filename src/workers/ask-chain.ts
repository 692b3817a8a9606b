import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowExecutionStatusName } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { ChainState } from '../activities/execute-step';

/** Longest wait for an answer, in milliseconds; a script goes on meanwhile. */
const ANSWER_MS = 5000;

const OVER: readonly WorkflowExecutionStatusName[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];

/**
 * Asks the server once whether a run goes on, whichever of its continuations is the newest; null when no answer comes.
 */
export function chainAsker(
  connection: NativeConnection,
  namespace: string,
): (workflowId: string) => Promise<ChainState | null> {
  const client = new Client({ connection, namespace });
  return async (workflowId) => {
    try {
      const handle = client.workflow.getHandle(workflowId);
      const { status } = await client.withDeadline(Date.now() + ANSWER_MS, () => handle.describe());
      return OVER.includes(status.name) ? 'closed' : 'running';
    } catch (error) {
      return error instanceof WorkflowNotFoundError ? 'unknown' : null;
    }
  };
}
