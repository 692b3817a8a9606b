import { isOffline } from '../domain/resolved-model';
import type { RunFile } from '../domain/run-files';
import { modelsInWords } from './model-words';

/** Whether the scripts of a run are the offline model's own: a replay needs no model, but it does not write either. */
export function isWrittenOffline({ models, request }: Pick<RunFile, 'models' | 'request'>): boolean {
  return isOffline(models) && request.replay === undefined;
}

/** Who writes the scripts of a run. */
export function writersInWords(run: Pick<RunFile, 'models' | 'request'>): string {
  const { replay } = run.request;
  return replay === undefined ? modelsInWords(run.models) : `no model: the scripts of run ${replay} run again`;
}
