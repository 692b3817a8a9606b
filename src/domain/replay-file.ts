import { z } from 'zod';
import { failureReasonSchema } from './failure-reason';
import { FILE_FORMAT } from './file-format';
import { operatorSchema } from './operator';

/** How a node ended. */
export const nodeOutcomeSchema = z.object({
  status: z.enum(['working', 'failed']),
  reason: failureReasonSchema.nullable(),
  metric: z.number().nullable(),
});
export type RecordedOutcome = z.infer<typeof nodeOutcomeSchema>;

export const replayedNodeSchema = z.object({
  id: z.int().min(1),
  parent: z.int().min(1).nullable(),
  operator: operatorSchema,
  recorded: nodeOutcomeSchema,
  /** Null until its script has run again. */
  replayed: nodeOutcomeSchema.nullable(),
  /** Whether status, reason and score are exactly what they were; null until it is known. */
  same: z.boolean().nullable(),
});
export type ReplayedNode = z.infer<typeof replayedNodeSchema>;

/**
 * `replay.json`: the nodes whose scripts run again, in the order in which they were decided, as they were recorded when
 * the replay began; written once more at its end with what they came to.
 */
export const replayFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  source: z.string(),
  nodes: z.array(replayedNodeSchema).min(1),
});
export type ReplayFile = z.infer<typeof replayFileSchema>;
