import type { ResolvedModel } from '../domain/resolved-model';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import type { CallKeys } from '../store/run-keys';
import { answeredEnd, beginAttempt, endAttempt, failedEnd } from './call-attempts';
import { promptFileSchema, refusalFileSchema, responseFileSchema, type RefusalFile } from './call-files';
import type { ModelAnswer, ModelClient, ModelRequest } from './model';

/** What came of a prompt earlier, as far as the store knows. */
export type EarlierCall =
  | { readonly status: 'answered'; readonly request: ModelRequest; readonly answer: ModelAnswer }
  | { readonly status: 'too_long'; readonly request: ModelRequest; readonly refusal: RefusalFile }
  /** Null when there is no prompt either. */
  | { readonly status: 'open'; readonly request: ModelRequest | null };

/** What the sending of a prompt needs. */
export interface Sending {
  readonly store: ArtifactStore;
  readonly keys: CallKeys;
  readonly model: ModelClient;
  readonly target: ResolvedModel;
  readonly signal: AbortSignal;
}

/** Looks for what an earlier attempt stored, so that no answer is bought twice. */
export async function readEarlierCall(store: ArtifactStore, keys: CallKeys): Promise<EarlierCall> {
  const request = await readJson(store, keys.prompt, promptFileSchema);
  if (request === null) return { status: 'open', request };
  const answer = await readJson(store, keys.response, responseFileSchema);
  if (answer !== null) return { status: 'answered', request, answer };
  const refusal = await readJson(store, keys.refusal, refusalFileSchema);
  return refusal === null ? { status: 'open', request } : { status: 'too_long', request, refusal };
}

/** Stores a prompt; every later attempt sends it as it stands. */
export async function storePrompt(store: ArtifactStore, keys: CallKeys, request: ModelRequest): Promise<void> {
  await writeJson(store, keys.prompt, request);
}

/** Stores that a prompt is too long, in place of an answer. */
export async function storeRefusal(store: ArtifactStore, keys: CallKeys, message: string): Promise<RefusalFile> {
  const refusal: RefusalFile = { kind: 'context_too_long', message };
  await writeJson(store, keys.refusal, refusal);
  return refusal;
}

/**
 * Sends a stored prompt once. What the call used is stored before the answer, and the answer before anybody looks at it:
 * a kill in between loses the answer, never what was paid for it.
 *
 * @throws ApplicationFailure or CancelledFailure of the model, StoreError of the store
 */
export async function sendPrompt(sending: Sending, request: ModelRequest): Promise<ModelAnswer> {
  const { store, keys, model, target, signal } = sending;
  const attempt = await beginAttempt(store, keys, target);
  let answer: ModelAnswer;
  try {
    answer = await model.ask({ request, target, signal });
  } catch (error) {
    await endAttempt(store, keys, attempt, failedEnd(error));
    throw error;
  }
  await endAttempt(store, keys, attempt, answeredEnd(answer));
  // After an outage of the server two attempts may run at once: then the answer that was stored first counts for both.
  const earlier = await readJson(store, keys.response, responseFileSchema);
  if (earlier !== null) return earlier;
  await writeJson(store, keys.response, answer);
  return answer;
}
