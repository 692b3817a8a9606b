import { z } from 'zod';
import { purposeSchema } from '../domain/purpose';
import { usageSchema } from '../domain/usage';
import type { ModelAnswer, ModelRequest } from './model';
import { offlineFactsSchema } from './offline/facts';

const messageSchema = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });

/** `prompt.json`: a call as it is sent, by this attempt and by every later one. */
export const promptFileSchema = z.object({
  model: z.string(),
  runId: z.string(),
  nodeId: z.int().min(0),
  purpose: purposeSchema,
  ask: z.int().min(1),
  messages: z.array(messageSchema),
  responseSchema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }).exactOptional(),
  maxTokens: z.int().min(1).exactOptional(),
  estimatedTokens: z.int().min(0),
  shrunk: z.int().min(0),
  facts: offlineFactsSchema.exactOptional(),
}) satisfies z.ZodType<ModelRequest>;

/** `response.json`: the answer as it came. */
export const responseFileSchema = z.object({
  text: z.string(),
  finishReason: z.string().nullable(),
  refusal: z.string().nullable(),
  endpoint: z.string(),
  model: z.string(),
  usage: usageSchema,
  requestId: z.string().nullable(),
  sentAt: z.string(),
  firstPartMs: z.number().min(0).nullable(),
  durationMs: z.number().min(0),
}) satisfies z.ZodType<ModelAnswer>;

/** `refusal.json`: the prompt cannot be answered as it stands, so the next ask is made another. */
export const refusalFileSchema = z.object({ kind: z.literal('context_too_long'), message: z.string() });
export type RefusalFile = z.infer<typeof refusalFileSchema>;

/**
 * `attempt-<n>.json`: one sending of a prompt. Written before it and once more when it has ended: one that has not
 * ended was open when its worker was killed, and what it cost is not known here.
 */
export const attemptFileSchema = z.object({
  endpoint: z.string(),
  model: z.string(),
  sentAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.enum(['answered', 'failed', 'cancelled']).nullable(),
  /** Type of the failure, and what the server answered. */
  failure: z.string().nullable(),
  status: z.int().nullable(),
  /** What the server says it used; null when it said nothing. */
  usage: usageSchema.nullable(),
});
export type AttemptFile = z.infer<typeof attemptFileSchema>;
