import type { AnswerAction } from './actions';
import { countTokens, cutToTokens } from './tokens';

/** What an answer costs, by this server's own measure. */
export interface ServedUsage {
  readonly promptTokens: number;
  /** Reasoning tokens included. */
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
}

export const NOTHING_SERVED: ServedUsage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
};

/** A completion before it takes the form of one body or of a stream. */
export interface Completion {
  readonly id: string;
  readonly model: string;
  /** `no_choices` and `empty_choices` have no message at all. */
  readonly form: AnswerAction['form'];
  readonly content: string | null;
  readonly reasoning: { readonly field: 'reasoning_content' | 'reasoning'; readonly text: string } | null;
  readonly refusal: string | null;
  readonly tool: { readonly name: string; readonly arguments: string } | null;
  readonly finishReason: string;
  readonly usage: ServedUsage;
  readonly tellsUsage: boolean;
}

export interface CompletionParts {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly promptTokens: number;
  /** Most tokens of the answer; null without a limit. */
  readonly room: number | null;
  /** The tool by which the answer is asked for, if it is. */
  readonly tool: string | null;
}

const THOUGHTS =
  'The task wants a script that reports a number. ```python\nraise SystemExit("a thought")\n``` Not that.';
const REFUSAL = "I'm sorry, but I can't help with that.";

/** Puts an answer together as the action says, and counts what it costs. */
export function makeCompletion(parts: CompletionParts, action: AnswerAction): Completion {
  const { reasoning } = action;
  const thought = reasoning === undefined ? '' : THOUGHTS;
  const whole = reasoning === 'think' ? `<think>\n${thought}\n</think>\n\n${parts.text}` : parts.text;
  const apart = reasoning === undefined || reasoning === 'think' ? null : { field: reasoning, text: thought };
  const reasoningTokens = apart === null ? 0 : countTokens(apart.text);
  const room = Math.max(0, Math.min(parts.room ?? Infinity, action.cutAt ?? Infinity) - reasoningTokens);
  const full = saidBy(action.form, whole, parts.tool);
  const isCut = countTokens(textOf(full)) > room;
  const said = isCut ? cutTo(full, room) : full;
  return {
    id: parts.id,
    model: parts.model,
    form: action.form,
    ...said,
    reasoning: apart,
    finishReason: action.finishReason ?? (isCut ? 'length' : usualReason(action.form, said.tool !== null)),
    usage: {
      promptTokens: parts.promptTokens,
      completionTokens: reasoningTokens + countTokens(textOf(said)),
      cachedTokens: Math.floor(parts.promptTokens / 2),
      reasoningTokens,
    },
    tellsUsage: action.usage,
  };
}

type Said = Pick<Completion, 'content' | 'refusal' | 'tool'>;

function textOf({ content, refusal, tool }: Said): string {
  return content ?? refusal ?? tool?.arguments ?? '';
}

function cutTo({ content, refusal, tool }: Said, tokens: number): Said {
  return {
    content: content === null ? null : cutToTokens(content, tokens),
    refusal: refusal === null ? null : cutToTokens(refusal, tokens),
    tool: tool === null ? null : { ...tool, arguments: cutToTokens(tool.arguments, tokens) },
  };
}

function saidBy(form: AnswerAction['form'], text: string, tool: string | null): Said {
  const nothing = { content: null, refusal: null, tool: null };
  switch (form) {
    case 'text':
      return tool === null ? { ...nothing, content: text } : { ...nothing, tool: { name: tool, arguments: text } };
    case 'tool_call':
      return { ...nothing, tool: { name: 'search_the_web', arguments: '{"query": "how to score"}' } };
    case 'refusal':
      return { ...nothing, refusal: REFUSAL };
    case 'filtered':
      return { ...nothing, content: '' };
    case 'null_content':
    case 'no_choices':
    case 'empty_choices':
      return nothing;
  }
}

function usualReason(form: AnswerAction['form'], callsTool: boolean): string {
  if (form === 'filtered') return 'content_filter';
  return callsTool ? 'tool_calls' : 'stop';
}

/** Whether a client finds an answer in it, or that there will be none. */
export function isUsable({ form }: Completion): boolean {
  return form === 'text' || form === 'refusal' || form === 'filtered';
}

/** The completion as one JSON body. */
export function completionBody(completion: Completion): object {
  const { id, model, form, finishReason, tellsUsage } = completion;
  const message = { role: 'assistant', ...messageFields(completion) };
  const choices = form === 'empty_choices' ? [] : [{ index: 0, message, finish_reason: finishReason }];
  return {
    id,
    object: 'chat.completion',
    created: 0,
    model,
    ...(form === 'no_choices' ? {} : { choices }),
    ...(tellsUsage ? { usage: usageFields(completion.usage) } : {}),
  };
}

function messageFields({ content, refusal, reasoning, tool }: Completion): object {
  return {
    content,
    refusal,
    ...(reasoning === null ? {} : { [reasoning.field]: reasoning.text }),
    ...(tool === null ? {} : { tool_calls: [{ id: 'call-1', type: 'function', function: tool }] }),
  };
}

/** Usage as the interface words it. */
export function usageFields(usage: ServedUsage): object {
  const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}
