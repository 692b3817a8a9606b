import { z } from 'zod';

/**
 * Why a node has no score. All of these are the script's (or the model's) doing and use up a search step;
 * failures of the machinery are exceptions and never stand here.
 *
 * - `no_code`: the model gave no usable script within the allowed re-asks
 * - `model_refused`: the model, or its provider's filter, refused to answer
 * - `exception`: the script ended with a non-zero exit status
 * - `timeout`: the script reached its limit and was ended
 * - `killed`: the script was ended by a signal nobody here sent, or began anew too often
 * - `out_of_memory`: the kernel or Python itself ran out of memory for it
 * - `no_metric`: it ended well but reported no score
 * - `bad_metric`: the score it reported is not a finite number
 * - `no_submission` / `bad_submission`: the prediction file is missing / does not fit the sample
 * - `disk_limit` / `process_limit`: it filled more disk, or had more processes, than it may
 * - `evaluation_failed`: the task's own evaluator refused what it made
 * - `reviewer_bug`: the reviewer found the reported score not to be trusted
 */
export const failureReasonSchema = z.enum([
  'no_code',
  'model_refused',
  'exception',
  'timeout',
  'killed',
  'out_of_memory',
  'no_metric',
  'bad_metric',
  'no_submission',
  'bad_submission',
  'reviewer_bug',
  'disk_limit',
  'process_limit',
  'evaluation_failed',
]);
export type FailureReason = z.infer<typeof failureReasonSchema>;
