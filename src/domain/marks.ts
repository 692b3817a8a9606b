import { z } from 'zod';

/**
 * Doubts about a node's score. Advisory: none fails a node, all count against it in the final selection.
 *
 * - `target_as_feature`: the target seems to be among the features
 * - `fit_before_split`: something is fitted on all rows before the split, or on the rows to predict
 * - `constant_predictions`: the predictions are constant, or a copy of a column
 * - `too_good`: the score is better than all others by far more than they differ
 * - `swapped_model`: a debug step silenced the error by taking another family of models
 * - `reviewer_bug`: the reviewer does not trust it (in `reported` mode that fails the node instead)
 */
const markKindSchema = z.enum([
  'target_as_feature',
  'fit_before_split',
  'constant_predictions',
  'too_good',
  'swapped_model',
  'reviewer_bug',
]);
export type MarkKind = z.infer<typeof markKindSchema>;

/** A doubt with one sentence about where it comes from (the line, the columns, the numbers). */
export const markSchema = z.object({ kind: markKindSchema, message: z.string() });
export type Mark = z.infer<typeof markSchema>;
