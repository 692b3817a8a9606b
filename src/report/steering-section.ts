import { counted } from '../domain/format';
import { escapeMarkdown, markdownTable } from './markdown';
import type { RunView } from './run-view';
import { recordsOf } from './run-view';
import { notedInWords } from './tree-words';
import { prunedInWords } from './steering-words';

/** The section on what people did to the run besides starting it; empty when that was nothing. */
export function renderSteering(view: RunView): string {
  const parts = [broughtPart(view), prunedPart(view), hintsPart(view), notesPart(view)].filter((part) => part !== '');
  return parts.length === 0 ? '' : ['## Steered by people', ...parts].join('\n\n');
}

function broughtPart(view: RunView): string {
  const brought = recordsOf(view).filter(({ operator }) => operator === 'inject');
  if (brought.length === 0) return '';
  const names = brought.map(({ id, title }) => `node ${id} (${escapeMarkdown(title)})`).join(', ');
  return `Scripts that people brought, on top of the steps: ${names}.`;
}

function prunedPart({ state }: RunView): string {
  const pruned = state?.pruned ?? [];
  return pruned.length === 0 ? '' : `Pruned, and so left out of best and selection: ${prunedInWords(pruned)}.`;
}

function hintsPart({ hints }: RunView): string {
  if (hints.length === 0) return '';
  const rows = hints.map(({ number, node, text, givenAt, withdrawnAt }) => [
    String(number),
    node === null ? 'the run' : `node ${node} and below`,
    escapeMarkdown(text),
    givenAt,
    withdrawnAt ?? 'in force',
  ]);
  return `${counted(hints.length, 'hint')} for the prompts:\n\n${markdownTable(['Hint', 'For', 'Text', 'Given', 'Withdrawn'], rows)}`;
}

function notesPart({ nodes }: RunView): string {
  const rows = nodes.flatMap((node) => {
    const notes = node.status === 'in_flight' ? null : node.notes;
    return notes === null
      ? []
      : [[String(node.id), escapeMarkdown(notedInWords(notes)) || '–', escapeMarkdown(notes.text)]];
  });
  if (rows.length === 0) return '';
  return `Noted from elsewhere; the search makes no use of it:\n\n${markdownTable(['Node', 'Scores', 'Note'], rows)}`;
}
