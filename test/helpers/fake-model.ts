import { NO_USAGE, type Usage } from '../../src/domain/usage';
import type { ModelAnswer, ModelCall, ModelClient } from '../../src/llm/model';

/** What a fake model says: an answer, or a failure that it throws. */
export type Reply = ModelAnswer | Error;

export interface FakeModel extends ModelClient {
  readonly calls: readonly ModelCall[];
  /** The calls so far as `<purpose>/<ask>`, in order. */
  asked(): string[];
}

/** An answer of one call: 100 tokens of prompt and 10 of completion unless told otherwise. */
export function modelAnswer(
  text: string,
  usage: Partial<Usage> = {},
  others: Partial<Omit<ModelAnswer, 'text' | 'usage'>> = {},
): ModelAnswer {
  return {
    text,
    finishReason: 'stop',
    refusal: null,
    endpoint: 'endpoint',
    model: 'large',
    usage: { ...NO_USAGE, calls: 1, promptTokens: 100, completionTokens: 10, ...usage },
    requestId: null,
    sentAt: '2026-01-02T03:04:05.000Z',
    firstPartMs: null,
    durationMs: 5,
    ...others,
  };
}

/** A model in this process that says what a test wants; `nth` counts all its calls from 1. */
export function fakeModel(reply: (call: ModelCall, nth: number) => Reply | Promise<Reply>): FakeModel {
  const calls: ModelCall[] = [];
  return {
    calls,
    asked: () => calls.map(({ request }) => `${request.purpose}/${request.ask}`),
    ask: async (call) => {
      calls.push(call);
      const said = await reply(call, calls.length);
      if (said instanceof Error) throw said;
      return said;
    },
  };
}
