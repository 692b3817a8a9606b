import { existsSync } from 'node:fs';
import path from 'node:path';
import { isOffline } from '../domain/resolved-model';
import { selectionInWords } from '../report/evaluation-words';
import { formatMetric, formatSeconds } from '../domain/format';
import { notHiddenInWords } from '../report/isolation-words';
import { marksInWords } from '../report/mark-words';
import { usageInWords } from '../report/model-words';
import { replayAgreement } from '../report/replay-comparison';
import { replayInWords } from '../report/replay-words';
import type { RunView } from '../report/run-view';
import { bestOf, marksOf, recordsOf } from '../report/run-view';
import { stateInWords } from '../report/words';
import { isWrittenOffline } from '../report/writers';
import { runKeys } from '../store/run-keys';
import type { Settings } from '../workers/settings';
import { ExitCode } from './exit-code';

/** What came of a run that is over, with where its files are; the last line says when no language model was used. */
export function resultLines(settings: Settings, view: RunView): string[] {
  const keys = runKeys(view.runId);
  const best = bestOf(view);
  const records = recordsOf(view);
  const selection = view.state?.selection ?? null;
  const selected = selection === null ? null : selectionInWords(selection, view.evaluation?.kind);
  const doubts = best === null ? '' : marksInWords(marksOf(view, best));
  const notHidden = notHiddenInWords(view);
  const working = records.filter((record) => record.status === 'working').length;
  const files: [string, string][] = [
    ['solution', `${keys.best}/solution.py`],
    ['submission', `${keys.best}/submission.csv`],
    ['report', keys.report],
    ['tree', keys.tree],
  ];
  const placed = files
    .map(([name, key]) => [name, path.join(settings.store, ...key.split('/'))] as const)
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => `${name.padEnd(11)}${file}`);
  return [
    `${view.runId}  ${stateInWords(view.state)}`,
    best === null
      ? 'best       none: no script worked'
      : `best       ${view.run.task.metric} ${formatMetric(best.metric)}, node ${best.id}: ${best.title}`,
    ...(selected === null ? [] : [`selected   ${selected}`]),
    ...(doubts === '' ? [] : [`doubts     ${doubts}`]),
    ...(notHidden === null ? [] : [`warning    ${notHidden}`]),
    `nodes      ${records.length}, ${working} working, in ${formatSeconds(view.state?.elapsedSeconds ?? 0)} of working time`,
    ...(view.replay === null ? [] : [`replay     ${replayInWords(view.replay)}`]),
    ...(view.state === null || isOffline(view.run.models) ? [] : [`used       ${usageInWords(view.state.usage)}`]),
    ...placed,
    ...(isWrittenOffline(view.run) ? ['No language model was used: the offline model wrote these scripts.'] : []),
  ];
}

/** A replay is about its source's scores: it fails unless every node came to the same. */
export function resultExitCode(view: RunView): ExitCode {
  if (view.replay !== null) {
    return replayAgreement(view.replay).agree === view.replay.nodes.length ? ExitCode.done : ExitCode.failed;
  }
  return bestOf(view) === null ? ExitCode.nothingWorks : ExitCode.done;
}
