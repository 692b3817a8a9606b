import type { Mark, MarkKind } from '../domain/marks';

const WORDS: Readonly<Record<MarkKind, string>> = {
  target_as_feature: 'target among the features',
  fit_before_split: 'fitted before the split',
  constant_predictions: 'constant or copied predictions',
  too_good: 'too good',
  swapped_model: 'error silenced by another model',
  reviewer_bug: 'doubted by the reviewer',
};

/** A doubt in a few words. */
export function markInWords({ kind }: Pick<Mark, 'kind'>): string {
  return WORDS[kind];
}

/** Several doubts in a few words each; empty for none. */
export function marksInWords(marks: readonly Pick<Mark, 'kind'>[]): string {
  return marks.map(markInWords).join(', ');
}
