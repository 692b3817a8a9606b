import { executionFileSchema, type ExecutionFile } from '../domain/node-record';
import type { ExecuteResult } from '../domain/steps';
import type { ScriptName } from '../sandbox/attempts';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { freeSupersededKey } from '../store/supersede';

/** The part of an execution that the workflow learns. */
export function toExecuteResult(execution: ExecutionFile): ExecuteResult {
  if (execution.status === 'ok') return { status: 'ok', metric: execution.metric, seconds: execution.scriptSeconds };
  return { status: 'failed', reason: execution.reason ?? 'killed' };
}

/** What was made from a node's run and goes with it, besides the reviewer's calls. */
const MADE_FROM_IT = [
  'review.json',
  'grade.json',
  'variants',
  'output.log',
  'predictions.csv',
  'submission.csv',
  'outputs',
];

/**
 * The stored execution of a script when it is of this code, else null. One of other code is moved to `superseded/`
 * together with what was made from it.
 */
export async function reuseExecution(
  store: ArtifactStore,
  { runId, nodeId, variant }: ScriptName,
  codeHash: string,
): Promise<ExecutionFile | null> {
  const node = runKeys(runId).node(nodeId);
  const keys = node.variant(variant);
  const stored = await readJson(store, keys.execution, executionFileSchema);
  if (stored === null || stored.codeHash === codeHash) return stored;
  // The run of another variant is never read once the code has changed: it is written over.
  if (variant !== 'node') return null;

  const target = await freeSupersededKey(store, runId, `${nodeId}-execution`);
  const calls = (await store.list(node.calls)).filter((name) => name.startsWith('review-'));
  const names = [...calls.map((name) => `calls/${name}`), ...MADE_FROM_IT];
  // The execution goes last: a kill in between leaves it in place, and the next attempt moves the rest.
  for (const name of [...names, 'execution.json']) {
    const key = `${node.directory}/${name}`;
    if (await store.exists(key)) await store.move(key, `${target}/${name}`);
  }
  return null;
}
