import type { EvaluationFile, EvaluationKind } from '../domain/evaluation';
import type { SelectionOutcome } from '../domain/selection';
import { counted, formatMetric } from '../domain/format';

/** Where the scores come from, in a few words. */
export const EVALUATION_WORDS: Readonly<Record<EvaluationKind, string>> = {
  reported: "reported: each script's own measurement",
  holdout: 'holdout: predictions for withheld rows',
  command: "command: the task's own evaluator",
};

/** Which rows were withheld, and how they were chosen; null where none were. */
export function splitInWords({ split }: EvaluationFile): string | null {
  if (split === null) return null;
  const { method, trainRows, searchRows, selectionRows, testRows } = split;
  const how = {
    random: 'at random',
    stratified: 'at random within each class',
    group: 'by group',
    time: 'the last in time',
  }[method];
  return (
    `${counted(trainRows, 'row')} to train on; ${searchRows} withheld to steer the search and ${selectionRows} for the ` +
    `final selection, ${how}; ${counted(testRows, 'row')} of your own to predict`
  );
}

/** A score with how exactly it is known: `549.5 ± 3.2`. */
export function scoreInWords(metric: number | null, standardError: number | null): string {
  if (metric === null || standardError === null) return formatMetric(metric);
  return `${formatMetric(metric)} ± ${Number(standardError.toPrecision(2))}`;
}

/** How the selection score compares with the search score: `3.7 worse than in the search`. */
function gapInWords(gap: number): string {
  if (gap === 0) return 'the same as in the search';
  return `${formatMetric(Math.abs(gap))} ${gap > 0 ? 'worse' : 'better'} than in the search`;
}

/** What the final selection measured a node on. */
export function selectionBasisInWords(kind: EvaluationKind | undefined): string {
  return kind === 'holdout' ? 'on the rows kept back' : 'in runs with other seeds';
}

/** Selection score and gap in one phrase; null where the selection measured nothing. */
export function selectionInWords(outcome: SelectionOutcome, kind: EvaluationKind | undefined): string | null {
  if (outcome.selectionScore === null || outcome.gap === null) return null;
  return `${formatMetric(outcome.selectionScore)} ${selectionBasisInWords(kind)}, ${gapInWords(outcome.gap)}`;
}
