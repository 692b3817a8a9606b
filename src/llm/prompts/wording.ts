import type { Direction } from '../../domain/direction';
import type { FailureReason } from '../../domain/failure-reason';

/** What a failure means, for a model that is to repair it. */
export const REASON_WORDS: Readonly<Record<FailureReason, string>> = {
  no_code: 'no usable script was written',
  model_refused: 'the model refused to write a script',
  exception: 'the script ended with an error',
  timeout: 'the script ran longer than it may and was ended',
  killed: 'the script was ended by a signal',
  out_of_memory: 'the script ran out of memory',
  no_metric: 'the script ended well but reported no score',
  bad_metric: 'the score that the script reported is not a finite number',
  no_submission: 'the script wrote no prediction file',
  bad_submission: 'the prediction file does not fit the sample',
  disk_limit: 'the script filled more disk than it may and was ended',
  process_limit: 'the script started more processes than it may and was ended',
  evaluation_failed: 'the evaluation refused what the script made',
  reviewer_bug: 'a reviewer found that the reported score cannot be trusted',
};

export function directionWords(direction: Direction): string {
  return direction === 'maximize' ? 'higher is better' : 'lower is better';
}

/** A score with at most six significant digits. */
export function scoreText(score: number): string {
  return String(Number(score.toPrecision(6)));
}

/** A span of time as people say it. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 360) / 10} hours`;
}

/** A failure's reason in the fewest words, for lists. */
export function reasonName(reason: FailureReason): string {
  return reason.replaceAll('_', ' ');
}

/** A failure with what is known of it. */
export function failureText(reason: FailureReason | null, message: string): string {
  const words = reason === null ? 'unknown reason' : `${REASON_WORDS[reason]} (${reason})`;
  return `${words}. ${message}`.trim();
}

/** A size in memory as people say it. */
export function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${Number((bytes / 1e9).toPrecision(2))} GB`;
}
