import type { Purpose } from '../domain/purpose';
import type { ResolvedModel } from '../domain/resolved-model';
import type { Usage } from '../domain/usage';
import type { OfflineFacts } from './offline/facts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One call: stored as `prompt.json` before it is made, and sent from there by every later attempt. */
export interface ModelRequest {
  /** Name of the model that the prompt was made for; a fallback may answer it. */
  readonly model: string;
  readonly runId: string;
  /** The node; of a digest the nodes it covers, 0 for the report. */
  readonly nodeId: number;
  readonly purpose: Purpose;
  /** 1 for the first ask of a step, 2 for the first re-ask, and so on. */
  readonly ask: number;
  readonly messages: readonly ChatMessage[];
  /** Present when the answer must be JSON of this shape. */
  readonly responseSchema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** Most tokens of the answer, where this ask needs more room than the model's own setting gives. */
  readonly maxTokens?: number;
  /** Tokens of the messages as coppice counts them. */
  readonly estimatedTokens: number;
  /** How often the context was shrunk for this ask; 0 at first. */
  readonly shrunk: number;
  /** What the offline model works from; never sent anywhere. */
  readonly facts?: OfflineFacts;
}

/** Where and how a request is sent. */
export interface ModelCall {
  readonly request: ModelRequest;
  readonly target: ResolvedModel;
  readonly signal: AbortSignal;
}

export interface ModelAnswer {
  readonly text: string;
  /** The provider's word for why the answer ended (`stop`, `length`, …), or null. */
  readonly finishReason: string | null;
  /** What the model, or a filter of its provider, said instead of an answer; null when it answered. */
  readonly refusal: string | null;
  readonly endpoint: string;
  readonly model: string;
  readonly usage: Usage;
  readonly requestId: string | null;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Milliseconds from the sending to the first part of the answer, where it came in parts. */
  readonly firstPartMs: number | null;
  readonly durationMs: number;
}

/** Something that answers prompts: servers that speak OpenAI's chat completions, or the offline model. */
export interface ModelClient {
  /**
   * Makes one call. What a server turns out not to know (structured output, a parameter) is left out and the call made
   * once more; nothing else is retried here.
   *
   * @throws ApplicationFailure of a type that tells why no answer came, CancelledFailure when the signal ended the call;
   * the failure's first detail is a `CallFailureDetails`
   */
  ask(call: ModelCall): Promise<ModelAnswer>;
}

/** First detail of the failures of model calls. */
export interface CallFailureDetails {
  readonly host: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  /** What the server says the call used although no usable answer came; null when it says nothing. */
  readonly usage: Usage | null;
}
