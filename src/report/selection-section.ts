import type { SelectionFile } from '../domain/selection';
import { scoreInWords, selectionBasisInWords } from './evaluation-words';
import { counted, formatMetric } from '../domain/format';
import { markInWords, marksInWords } from './mark-words';
import { escapeMarkdown, markdownTable } from './markdown';
import type { RunView } from './run-view';
import { marksOf, recordsOf } from './run-view';

/** The section on how the best nodes were compared in the end; empty without a final selection. */
export function renderSelection(view: RunView): string {
  const { selection } = view;
  if (selection === null) return '';
  const rows = selection.candidates.map((candidate) => [
    `${candidate.id}${candidate.id === selection.winner ? ' (chosen)' : ''}`,
    formatMetric(candidate.searchScore),
    scoreInWords(candidate.selectionScore, candidate.standardError),
    marksInWords(candidate.marks) || '–',
  ]);
  return [
    '## Final selection',
    `The best by search score were compared ${selectionBasisInWords(view.evaluation?.kind)}. A doubtful node wins only when it is better by more than two standard errors.`,
    markdownTable(['Node', 'Search score', 'Selection score', 'Doubts'], rows),
    ...refit(selection),
    ...used(selection),
  ].join('\n\n');
}

function refit({ refit: outcome, winner }: SelectionFile): string[] {
  if (outcome === null) return [];
  if (outcome.status === 'ok') {
    return [`Node ${winner} ran once more on all the data; \`best/submission.csv\` is from that run.`];
  }
  return [
    `Node ${winner} ran once more on all the data but failed (${escapeMarkdown(outcome.message)}); \`best/submission.csv\` is from its run without the withheld rows.`,
  ];
}

function used({ used: earlier }: SelectionFile): string[] {
  if (earlier.length === 0) return [];
  const told = earlier.map(({ winner, selectionScore }) => `node ${winner} with ${formatMetric(selectionScore)}`);
  return [
    `${counted(earlier.length, 'earlier selection')} of this run (${told.join(', ')}) saw the same rows: those scores are used, and these are a little too kind.`,
  ];
}

/** The section with all doubts about scores; empty when there are none. */
export function renderDoubts(view: RunView): string {
  const rows = recordsOf(view).flatMap((record) =>
    marksOf(view, record).map((mark) => [String(record.id), markInWords(mark), escapeMarkdown(mark.message)]),
  );
  if (rows.length === 0) return '';
  return `## Doubts\n\nAdvice only: none of these failed a node.\n\n${markdownTable(['Node', 'Doubt', 'Why'], rows)}`;
}
