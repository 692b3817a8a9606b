import { z } from 'zod';

export interface Completion {
  /** Null when the server gave none, which differs from an empty one. */
  readonly content: string | null;
  readonly refusal: string | null;
  /** Arguments of the tool calls, as JSON in text. */
  readonly toolCalls: readonly string[];
  readonly finishReason: string | null;
  readonly model: string | null;
  readonly id: string | null;
}

const textSchema = z.string().nullish().catch(null);

/** Text, or parts of which only those of type `text` are the answer; the others are thoughts. */
const contentSchema = z
  .union([z.string(), z.array(z.object({ type: z.string(), text: textSchema })).transform(joinText)])
  .nullish()
  .catch(null);

const toolCallSchema = z.object({
  index: z.int().min(0).nullish().catch(null),
  function: z.object({ arguments: textSchema }).nullish().catch(null),
});

/** A message, or what a part of a stream adds to it. Reasoning stands in fields of its own, which are not read. */
const messageSchema = z.looseObject({
  content: contentSchema,
  refusal: textSchema,
  tool_calls: z.array(toolCallSchema).nullish().catch(null),
});
type Message = z.infer<typeof messageSchema>;

const choiceSchema = z.object({
  message: messageSchema.nullish(),
  delta: messageSchema.nullish(),
  finish_reason: textSchema,
  error: z.unknown().optional(),
});

/** A completion, or one part of a streamed one. */
export const completionSchema = z.object({
  id: textSchema,
  object: textSchema,
  model: textSchema,
  choices: z.array(choiceSchema).nullish().catch(null),
  usage: z.unknown().optional(),
  error: z.unknown().optional(),
});
export type CompletionBody = z.infer<typeof completionSchema>;

/** Puts a completion together from its parts, of which there is but one when it was not streamed. */
export class CompletionParts {
  private content: string | null = null;
  private refusal: string | null = null;
  private readonly toolCalls = new Map<number, string>();
  private finishReason: string | null = null;
  private model: string | null = null;
  private id: string | null = null;
  private parts = 0;
  private choices = 0;

  /** Returns whether the part holds anything of the answer, be it a thought. */
  add({ id, model, choices }: CompletionBody): boolean {
    this.parts += 1;
    this.id ??= id ?? null;
    this.model ??= model ?? null;
    const choice = choices?.[0];
    if (choice === undefined) return false;
    this.choices += 1;
    this.finishReason = choice.finish_reason ?? this.finishReason;
    const message = choice.delta ?? choice.message;
    if (message === null || message === undefined) return false;
    this.addMessage(message);
    return Object.entries(message).some(([key, value]) => key !== 'role' && isSomething(value));
  }

  /** Whether the server said why the answer ended. */
  get ended(): boolean {
    return this.finishReason !== null;
  }

  get isEmpty(): boolean {
    return this.parts === 0;
  }

  get hasChoice(): boolean {
    return this.choices > 0;
  }

  whole(): Completion {
    const { content, refusal, finishReason, model, id } = this;
    return { content, refusal, toolCalls: [...this.toolCalls.values()], finishReason, model, id };
  }

  private addMessage({ content, refusal, tool_calls: toolCalls }: Message): void {
    if (typeof content === 'string') this.content = (this.content ?? '') + content;
    if (typeof refusal === 'string') this.refusal = (this.refusal ?? '') + refusal;
    for (const [position, call] of (toolCalls ?? []).entries()) {
      const index = call.index ?? position;
      this.toolCalls.set(index, (this.toolCalls.get(index) ?? '') + (call.function?.arguments ?? ''));
    }
  }
}

function joinText(
  parts: readonly { readonly type: string; readonly text?: string | null | undefined }[],
): string | null {
  const texts = parts.filter(({ type }) => type === 'text').map(({ text }) => text ?? '');
  return texts.length === 0 ? null : texts.join('');
}

function isSomething(value: unknown): boolean {
  return typeof value === 'object' ? value !== null : value !== '' && value !== undefined;
}
