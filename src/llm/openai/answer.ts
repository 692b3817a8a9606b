import type { ResolvedModel } from '../../domain/resolved-model';
import type { ModelAnswer } from '../model';
import type { Completion } from './completion';
import type { Exchange } from './exchange';
import { uncountedUsage } from './token-usage';
import { UnusableAnswer } from './unusable-answer';

const LONGEST_REFUSAL = 1000;

/** Providers' words for an answer that reached its limit of tokens, and for one that a filter ended. */
const CUT_OFF = /^(length|max_tokens|max_output_tokens|model_length)$/i;
const FILTERED = /^(content_filter|safety|recitation|prohibited_content|refusal)$/i;

export interface AnsweredExchange {
  readonly target: ResolvedModel;
  readonly exchange: Exchange;
  readonly requestId: string | null;
}

/**
 * The answer that a completion holds. `offeredTool`: the answer was asked for as the call of a tool, whose arguments
 * then are the text.
 *
 * @throws UnusableAnswer for one without content that is neither cut off nor a refusal
 */
export function toAnswer(completion: Completion, offeredTool: boolean, answered: AnsweredExchange): ModelAnswer {
  const { finishReason, id, model } = completion;
  if (finishReason === 'error') throw new UnusableAnswer('an answer that ended with an error');
  const cutOff = finishReason !== null && CUT_OFF.test(finishReason);
  const refusal = refusalOf(completion);
  const text = (offeredTool ? completion.toolCalls[0] : undefined) ?? completion.content;
  if (text === null && refusal === null && !cutOff) {
    const unwanted = completion.toolCalls.length > 0;
    throw new UnusableAnswer(unwanted ? 'a call of a tool that was not offered' : 'a choice without content');
  }
  const { target, exchange, requestId } = answered;
  return {
    text: text ?? '',
    finishReason: cutOff ? 'length' : finishReason,
    refusal,
    endpoint: target.endpoint,
    model: model ?? target.name,
    usage: exchange.usage ?? uncountedUsage(target.price),
    requestId: requestId ?? id,
    sentAt: exchange.sentAt,
    firstPartMs: exchange.firstPartMs,
    durationMs: exchange.elapsedMs,
  };
}

/** The answer of a filter that let the prompt not through: nothing was made, and nothing is said of tokens. */
export function refusedAnswer(words: string, answered: AnsweredExchange): ModelAnswer {
  const refusal = words === '' ? 'content_filter' : words;
  const completion = { content: null, toolCalls: [], finishReason: 'content_filter', model: null, id: null };
  return toAnswer({ ...completion, refusal }, false, answered);
}

function refusalOf({ refusal, finishReason }: Completion): string | null {
  if (refusal !== null && refusal.trim() !== '') return refusal.trim().slice(0, LONGEST_REFUSAL);
  if (finishReason === null || !FILTERED.test(finishReason)) return null;
  return `a filter of the provider's ended the answer (${finishReason})`;
}
