import { executionFileSchema, type ExecutionFile } from '../domain/node-record';
import type { ExecuteResult } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { freeSupersededKey } from '../store/supersede';

/** The part of an execution that the workflow learns. */
export function toExecuteResult(execution: ExecutionFile): ExecuteResult {
  if (execution.status === 'ok' && execution.metric !== null) {
    return { status: 'ok', metric: execution.metric, seconds: execution.scriptSeconds };
  }
  return { status: 'failed', reason: execution.reason ?? 'no_metric' };
}

/**
 * The stored execution of a node when it is of this code, else null. One of other code is moved to `superseded/`
 * together with what was made from it.
 */
export async function reuseExecution(
  store: ArtifactStore,
  runId: string,
  nodeId: number,
  codeHash: string,
): Promise<ExecutionFile | null> {
  const keys = runKeys(runId).node(nodeId);
  const stored = await readJson(store, keys.execution, executionFileSchema);
  if (stored === null || stored.codeHash === codeHash) return stored;

  const target = await freeSupersededKey(store, runId, `${nodeId}-execution`);
  const calls = (await store.list(keys.calls)).filter((name) => name.startsWith('review-'));
  const names = [...calls.map((name) => `calls/${name}`), 'review.json', 'output.log', 'submission.csv'];
  // The execution goes last: a kill in between leaves it in place, and the next attempt moves the rest.
  for (const name of [...names, 'execution.json']) {
    const key = `${keys.directory}/${name}`;
    if (await store.exists(key)) await store.move(key, `${target}/${name}`);
  }
  return null;
}
