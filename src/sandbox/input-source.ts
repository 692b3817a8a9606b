import type { EvaluationFile } from '../domain/evaluation';
import type { RunFile } from '../domain/run-files';
import type { ScriptVariant } from '../domain/script-variant';
import { runKeys } from '../store/run-keys';

/** Where the data lie that a script is given. */
export type InputSource =
  /** The user's own directory, at this path on every host. */
  | { readonly kind: 'directory'; readonly path: string }
  /** The part of the data that scripts may see, below a key of the store; the user's own lie at `original`. */
  | { readonly kind: 'store'; readonly key: string; readonly original: string };

/**
 * What a run's scripts are given: where rows are withheld, the data without them; the winner's last run is given all.
 *
 * @param evaluation the run's stored `evaluation.json`; null while it is not settled
 */
export function inputSource(
  run: Pick<RunFile, 'runId' | 'task'>,
  evaluation: EvaluationFile | null,
  variant: ScriptVariant = 'node',
): InputSource {
  const original = run.task.dataDirectory;
  if (evaluation?.kind !== 'holdout' || variant === 'refit') return { kind: 'directory', path: original };
  return { kind: 'store', key: runKeys(run.runId).data, original };
}
