import { z } from 'zod';

/**
 * Where a node's score comes from.
 *
 * - `reported`: the script measures and reports it
 * - `holdout`: the grade worker scores predictions for rows whose labels were withheld before anything ran
 * - `command`: the task's own evaluator scores what the script made
 */
export const evaluationKindSchema = z.enum(['reported', 'holdout', 'command']);
export type EvaluationKind = z.infer<typeof evaluationKindSchema>;

/** `evaluation.json`: how the run's nodes are scored, settled once before anything else runs. Holds no label. */
export const evaluationFileSchema = z.object({
  kind: evaluationKindSchema,
  /** One sentence for people: why this kind. */
  why: z.string(),
  /** Null but for `holdout`. */
  split: z
    .object({
      method: z.enum(['random', 'stratified', 'group', 'time']),
      trainRows: z.int().min(1),
      searchRows: z.int().min(1),
      selectionRows: z.int().min(1),
      /** Rows to predict that the user's own file has. */
      testRows: z.int().min(0),
      /** SHA-256 of the tables that scripts see: a split made again must agree with it. */
      dataHash: z.string(),
      /** Seed that the rows were drawn with, where it is not the run's own: a fork keeps the rows of its source. */
      seed: z.int().min(0).optional(),
      /** Tables below the data that the user's own directory lacks: rows to predict, a sample. */
      made: z.array(z.string()),
    })
    .nullable(),
});
export type EvaluationFile = z.infer<typeof evaluationFileSchema>;

/** `nodes/<id>/grade.json`: what the grade worker made of a node's output. Never holds a score of the final selection. */
export const gradeFileSchema = z.object({
  /** SHA-256 of what was graded: the prediction file, or the record of the script's run whose outputs were evaluated. */
  outputHash: z.string(),
  status: z.enum(['ok', 'failed']),
  reason: z
    .enum(['bad_submission', 'no_submission', 'no_metric', 'bad_metric', 'evaluation_failed', 'timeout'])
    .nullable(),
  message: z.string(),
  metric: z.number().nullable(),
  /** Bootstrap standard error of `metric`; null where nothing can be resampled. */
  standardError: z.number().nullable(),
});
export type GradeFile = z.infer<typeof gradeFileSchema>;
