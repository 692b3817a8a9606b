import { z } from 'zod';
import { markSchema } from './marks';

/** One node that the final selection compared. */
export const selectionCandidateSchema = z.object({
  id: z.int().min(1),
  searchScore: z.number(),
  /** Score on the rows kept back (`holdout`) or the mean of runs with other seeds (`reported`); null when there is none. */
  selectionScore: z.number().nullable(),
  /** Standard error of the selection score. */
  standardError: z.number().nullable(),
  marks: z.array(markSchema),
});
export type SelectionCandidate = z.infer<typeof selectionCandidateSchema>;

/** What the final selection of a run came to. */
export const selectionOutcomeSchema = z.object({
  winner: z.int().min(1),
  searchScore: z.number(),
  selectionScore: z.number().nullable(),
  /** How much worse the selection score is than the search score, in the metric's unit; negative when it is better. */
  gap: z.number().nullable(),
});
export type SelectionOutcome = z.infer<typeof selectionOutcomeSchema>;

/** `selection.json`: the last final selection and those before it, whose rows have steered a decision already. */
export const selectionFileSchema = z.object({
  ...selectionOutcomeSchema.shape,
  candidates: z.array(selectionCandidateSchema),
  /** What the winner's run on all the data came to; null when there was none. */
  refit: z.object({ status: z.enum(['ok', 'failed']), message: z.string() }).nullable(),
  /** How many nodes the run had recorded: the same candidates after more nodes are another selection. */
  recordedNodes: z.int().min(0),
  selectedAt: z.string(),
  /** Earlier selections of the run, each marked as used: the same rows chose before. */
  used: z.array(
    z.object({
      ...selectionOutcomeSchema.shape,
      candidates: z.array(selectionCandidateSchema),
      selectedAt: z.string(),
    }),
  ),
});
export type SelectionFile = z.infer<typeof selectionFileSchema>;
