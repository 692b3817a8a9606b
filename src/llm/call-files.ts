import { z } from 'zod';
import type { ModelAnswer, ModelRequest } from './model';
import { offlineFactsSchema } from './offline/facts';

const messageSchema = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });

/** `prompt.json`: a call as it is sent, by this attempt and by every later one. */
export const promptFileSchema = z.object({
  model: z.string(),
  runId: z.string(),
  nodeId: z.int().min(1),
  purpose: z.enum(['draft', 'improve', 'debug', 'review']),
  ask: z.int().min(1),
  messages: z.array(messageSchema),
  responseSchema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }).exactOptional(),
  facts: offlineFactsSchema.exactOptional(),
}) satisfies z.ZodType<ModelRequest>;

/** `response.json`: the answer as it came. */
export const responseFileSchema = z.object({
  text: z.string(),
  finishReason: z.string().nullable(),
  model: z.string(),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  cachedTokens: z.int().min(0),
  requestId: z.string().nullable(),
}) satisfies z.ZodType<ModelAnswer>;
