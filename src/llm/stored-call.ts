import type { Usage } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import type { CallKeys } from '../store/run-keys';
import { promptFileSchema, responseFileSchema } from './call-files';
import type { ModelAnswer, ModelClient, ModelRequest } from './model';

/** What one call needs; `compose` is called only when no earlier attempt stored the prompt. */
export interface StoredCall {
  readonly store: ArtifactStore;
  readonly keys: CallKeys;
  readonly model: ModelClient;
  readonly signal: AbortSignal;
  readonly compose: () => Promise<ModelRequest>;
}

/**
 * Makes a call so that no answer is bought twice: a stored answer is used, a stored prompt is sent as it stands, and
 * the answer is stored before anybody looks at it.
 *
 * @throws ApplicationFailure or CancelledFailure of the model, StoreError of the store
 */
export async function storedCall(call: StoredCall): Promise<{ request: ModelRequest; answer: ModelAnswer }> {
  const request = await storedPrompt(call);
  const stored = await readJson(call.store, call.keys.response, responseFileSchema);
  if (stored !== null) return { request, answer: stored };
  const answer = await call.model.ask(request, call.signal);
  // After an outage of the server two attempts may run at once: then the answer that was stored first counts for both.
  const earlier = await readJson(call.store, call.keys.response, responseFileSchema);
  if (earlier !== null) return { request, answer: earlier };
  await writeJson(call.store, call.keys.response, answer);
  return { request, answer };
}

/** What an answer used. */
export function usageOf(answer: ModelAnswer): Usage {
  return {
    calls: 1,
    promptTokens: answer.promptTokens,
    completionTokens: answer.completionTokens,
    cachedTokens: answer.cachedTokens,
  };
}

async function storedPrompt(call: StoredCall): Promise<ModelRequest> {
  const stored = await readJson(call.store, call.keys.prompt, promptFileSchema);
  if (stored !== null) return stored;
  const request = await call.compose();
  await writeJson(call.store, call.keys.prompt, request);
  return request;
}
