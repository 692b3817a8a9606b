import { z } from 'zod';
import { failureReasonSchema } from '../../domain/failure-reason';
import { operatorSchema } from '../../domain/operator';
import { previewSchema } from '../../domain/preview';
import { taskSchema } from '../../domain/task';

/** The node that is improved, debugged or compared with. */
const parentFactsSchema = z.object({
  id: z.int().min(1),
  /** The whole script; the offline model reads its own recipe back from it. */
  code: z.string(),
  status: z.enum(['working', 'failed']),
  reason: failureReasonSchema.nullable(),
  message: z.string(),
  metric: z.number().nullable(),
  /** End of the script's output, with the traceback when it failed; a few thousand characters are enough. */
  outputTail: z.string(),
});
export type ParentFacts = z.infer<typeof parentFactsSchema>;

const triedFactsSchema = z.object({
  id: z.int().min(1),
  parent: z.int().min(1).nullable(),
  operator: operatorSchema,
  /** `in_flight` for siblings that are being worked on at this moment, so that no two try the same. */
  status: z.enum(['working', 'failed', 'in_flight']),
  metric: z.number().nullable(),
  title: z.string(),
  summary: z.string(),
  /** The script, or its lines up to and with the recipe (see `recipeLines`); null while it is not written yet. */
  code: z.string().nullable(),
});
export type TriedFacts = z.infer<typeof triedFactsSchema>;

/** How the script under review ended. Only for a review. */
const executionFactsSchema = z.object({
  code: z.string(),
  status: z.enum(['ok', 'failed']),
  reason: failureReasonSchema.nullable(),
  message: z.string(),
  metric: z.number().nullable(),
  scriptSeconds: z.number().min(0),
  outputTail: z.string(),
});

/**
 * All that the offline model works from: its answer is a function of these facts and nothing else. They are kept in
 * `prompt.json`, so that a later attempt gives the same answer.
 */
export const offlineFactsSchema = z.object({
  task: taskSchema,
  preview: previewSchema,
  /** Python distributions that scripts can import. */
  packages: z.array(z.string()).default([]),
  /** Seed of the run. */
  seed: z.int().min(0),
  nodeId: z.int().min(1),
  operator: operatorSchema,
  /** Null for a draft and for the review of one. */
  parent: parentFactsSchema.nullable(),
  /** Other nodes known of, oldest first: siblings (all of them, also those in flight), the best, recent and failed. */
  tried: z.array(triedFactsSchema),
  /** Best node so far, without the one under review; null when nothing works yet. */
  best: z.object({ id: z.int().min(1), metric: z.number() }).nullable(),
  /** The script under review; null for draft, improve and debug. */
  execution: executionFactsSchema.nullable(),
});
export type OfflineFacts = z.infer<typeof offlineFactsSchema>;
