import { z } from 'zod';
import { purposeSchema } from '../domain/purpose';
import { replayedNodeSchema } from '../domain/replay-file';

const callUsageSchema = z.strictObject({
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  cachedTokens: z.int().min(0),
  reasoningTokens: z.int().min(0),
  /** Null where no price is known. */
  costUsd: z.number().min(0).nullable(),
});

const attemptSchema = z.strictObject({
  model: z.string(),
  endpoint: z.string(),
  sentAt: z.string(),
  /** Null while it is open, and for good when its worker was killed. */
  endedAt: z.string().nullable(),
  outcome: z.enum(['answered', 'failed', 'cancelled']).nullable(),
  /** Type and words of the failure. */
  failure: z.string().nullable(),
  /** HTTP status of the failure. */
  status: z.int().nullable(),
  /** Null when the server did not say. */
  usage: callUsageSchema.nullable(),
});

const callSchema = z.strictObject({
  purpose: purposeSchema,
  ask: z.int().min(1),
  /** The model that answered; before that the one that the prompt was made for. */
  model: z.string(),
  /** Null while nothing was sent. */
  endpoint: z.string().nullable(),
  sentAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  /** From the sending to the first part of the answer, where it came in parts. */
  firstPartMs: z.number().nullable(),
  usage: callUsageSchema.nullable(),
  /** Tokens of the messages as coppice counts them. */
  estimatedTokens: z.int().min(0),
  /** How often the context was shrunk before, because it did not fit. */
  shrunk: z.int().min(0),
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  /** Null while there is none, and when the prompt was too long to be answered. */
  answer: z
    .strictObject({ text: z.string(), finishReason: z.string().nullable(), refusal: z.string().nullable() })
    .nullable(),
  /** What the server said of a prompt that did not fit; null for all others. */
  tooLong: z.string().nullable(),
  attempts: z.array(attemptSchema),
});
export type CallJson = z.infer<typeof callSchema>;

/** `show RUN NODE --prompt --json`. */
export const promptJsonSchema = z.strictObject({
  runId: z.string(),
  node: z.int().min(1),
  calls: z.array(callSchema),
});

/** `diff RUN NODE [NODE] --json`; each text is a unified diff, empty where nothing differs. */
export const diffJsonSchema = z.strictObject({
  runId: z.string(),
  from: z.int().min(1),
  to: z.int().min(1),
  /** Null with `--prompt`. */
  plan: z.string().nullable(),
  code: z.string().nullable(),
  /** Of the first prompts of the two nodes; null without `--prompt`. */
  prompt: z.string().nullable(),
});
export type DiffJson = z.infer<typeof diffJsonSchema>;

/** `replay RUN --json`. */
export const replayJsonSchema = z.strictObject({
  runId: z.string(),
  source: z.string(),
  /** Nodes that came to exactly the same. */
  agree: z.int().min(0),
  /** Nodes that did not. */
  differ: z.int().min(0),
  /** Nodes whose scripts did not run again: the replay was stopped before. */
  missing: z.int().min(0),
  /** Largest difference of two scores of a node; null where no two can be compared. */
  largestDifference: z.number().min(0).nullable(),
  nodes: z.array(replayedNodeSchema.strict()),
});
