import { createHash } from 'node:crypto';
import { z } from 'zod';
import { countTokens } from './tokens';

const messageSchema = z.object({ role: z.string(), content: z.string() });
export type RequestMessage = z.infer<typeof messageSchema>;

/** What this server reads of a request; anything else is taken and ignored. */
export const completionRequestSchema = z.object({
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  response_format: z.object({ type: z.string() }).loose().nullish(),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).nullish(),
  temperature: z.number().nullish(),
  seed: z.number().nullish(),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
  reasoning_effort: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

/** By what means the answer is held to a shape. */
export type StructuredBy = 'json_schema' | 'json_object' | 'tool';

export function structuredBy(request: CompletionRequest): StructuredBy | null {
  if (request.response_format?.type === 'json_schema') return 'json_schema';
  if (request.response_format?.type === 'json_object') return 'json_object';
  return (request.tools ?? []).length > 0 ? 'tool' : null;
}

export function promptTokens(request: CompletionRequest): number {
  return countTokens(request.messages.map(({ content }) => content).join(''));
}

/** The room that the request gives to the answer; null when it says nothing. */
export function answerRoom(request: CompletionRequest): number | null {
  return request.max_completion_tokens ?? request.max_tokens ?? null;
}

/** The hash by which a test recognises a prompt that was sent again. */
export function hashOfMessages(messages: readonly RequestMessage[]): string {
  const plain = messages.map(({ role, content }) => [role, content]);
  return createHash('sha256').update(JSON.stringify(plain)).digest('hex');
}
