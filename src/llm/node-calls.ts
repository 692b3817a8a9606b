import type { Purpose } from '../domain/purpose';
import { PURPOSES, purposeSchema } from '../domain/purpose';
import { readAttempts } from './call-attempts';
import type { AttemptFile, RefusalFile } from './call-files';
import { promptFileSchema, refusalFileSchema, responseFileSchema } from './call-files';
import type { ModelAnswer, ModelRequest } from './model';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import type { CallKeys } from '../store/run-keys';
import { runKeys } from '../store/run-keys';

/** One call as its files tell of it. */
export interface NodeCall {
  readonly purpose: Purpose;
  /** From 1; the second is the first re-ask. */
  readonly ask: number;
  readonly request: ModelRequest;
  /** Null while no usable answer is stored. */
  readonly answer: ModelAnswer | null;
  /** Why the prompt cannot be answered as it stands. */
  readonly refusal: RefusalFile | null;
  /** Every sending of the prompt, in order. */
  readonly attempts: readonly AttemptFile[];
}

const CALL_NAME = /^([a-z]+)-([1-9]\d*)$/;

/**
 * The calls of a node in the order in which they were asked; none where the model was never asked.
 *
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function readNodeCalls(store: ArtifactStore, runId: string, nodeId: number): Promise<NodeCall[]> {
  const node = runKeys(runId).node(nodeId);
  const names = (await store.list(node.calls)).flatMap(callName).sort(byOrder);
  const calls: NodeCall[] = [];
  for (const { purpose, ask } of names) {
    const call = await readCall(store, node.call(purpose, ask));
    if (call !== null) calls.push({ purpose, ask, ...call });
  }
  return calls;
}

interface CallName {
  readonly purpose: Purpose;
  readonly ask: number;
}

function callName(name: string): CallName[] {
  const [, word, ask] = CALL_NAME.exec(name) ?? [];
  const purpose = purposeSchema.safeParse(word);
  return purpose.success ? [{ purpose: purpose.data, ask: Number(ask) }] : [];
}

/** A script is written before it is reviewed. */
function byOrder(left: CallName, right: CallName): number {
  return PURPOSES.indexOf(left.purpose) - PURPOSES.indexOf(right.purpose) || left.ask - right.ask;
}

async function readCall(store: ArtifactStore, keys: CallKeys): Promise<Omit<NodeCall, keyof CallName> | null> {
  const request = await readJson(store, keys.prompt, promptFileSchema);
  if (request === null) return null;
  return {
    request,
    answer: await readJson(store, keys.response, responseFileSchema),
    refusal: await readJson(store, keys.refusal, refusalFileSchema),
    attempts: await readAttempts(store, keys),
  };
}
