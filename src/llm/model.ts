import type { Purpose } from '../domain/purpose';
import type { OfflineFacts } from './offline/facts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One call: stored as `prompt.json` before it is made, and sent from there by every later attempt. */
export interface ModelRequest {
  readonly model: string;
  readonly runId: string;
  readonly nodeId: number;
  readonly purpose: Purpose;
  /** 1 for the first ask of a step, 2 for the first re-ask, and so on. */
  readonly ask: number;
  readonly messages: readonly ChatMessage[];
  /** Present when the answer must be JSON of this shape. */
  readonly responseSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** What the offline model works from; never sent anywhere. */
  readonly facts?: OfflineFacts;
}

export interface ModelAnswer {
  readonly text: string;
  /** The provider's word for why the answer ended (`stop`, `length`, …), or null. */
  readonly finishReason: string | null;
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly requestId: string | null;
}

/** Something that answers prompts: a server that speaks OpenAI's chat completions, or the offline model. */
export interface ModelClient {
  /**
   * Makes one call without any retry of its own.
   *
   * @throws ApplicationFailure of a type that tells why no answer came, CancelledFailure when the signal ended the call
   */
  ask(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
}
