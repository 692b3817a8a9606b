import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { MAIN_TASK_QUEUE } from '../domain/task-queues';
import type { RunSpec } from '../domain/run-spec';
import { parseRunSpec } from '../domain/run-spec';
import type { RunLabels } from './run-labels';
import type { Session } from './session';

const WORKFLOW_TYPE = 'treeSearch';

/**
 * Has the run of that id going on the server: one that runs there stays as it is, an ended one starts again and goes on
 * from its files.
 *
 * @param input a run spec as a person wrote it
 * @param labels what Temporal's UI shows of it
 */
export async function launchRun(session: Session, runId: string, input: unknown, labels: RunLabels): Promise<void> {
  await session.client.workflow.start(WORKFLOW_TYPE, {
    ...labels,
    taskQueue: MAIN_TASK_QUEUE,
    workflowId: runId,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

/** Starts a run under an id that nobody has used; false when the server has seen it before. */
export async function launchNewRun(
  session: Session,
  runId: string,
  input: unknown,
  labels: RunLabels,
): Promise<boolean> {
  try {
    await session.client.workflow.start(WORKFLOW_TYPE, {
      ...labels,
      taskQueue: MAIN_TASK_QUEUE,
      workflowId: runId,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/**
 * The spec that the workflow of that id was started with; null when the server does not know it or it is no run spec.
 * For runs that have no files yet.
 */
export async function startedSpec({ client, resolved }: Session, runId: string): Promise<RunSpec | null> {
  const { history } = await client.workflowService
    .getWorkflowExecutionHistory({
      namespace: resolved.namespace,
      execution: { workflowId: runId },
      maximumPageSize: 1,
    })
    .catch(() => ({ history: null }));
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const first = payloads?.[0];
  if (first == null) return null;
  const parsed = parseRunSpec(client.options.loadedDataConverter.payloadConverter.fromPayload(first));
  return parsed.ok ? parsed.spec : null;
}
