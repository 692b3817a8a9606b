import type { NotesFile } from '../domain/steering';
import { formatMetric } from '../domain/format';
import { marksInWords } from './mark-words';
import type { NodeStage, NodeView } from './run-view';
import { marksOf } from './run-view';
import type { TreePicture } from './tree-picture';
import { originInWords } from './words';

const LABEL_LENGTH = 16;

/** What a node is called: its plan's first line, or how far it has come. */
export function titleOf(node: NodeView): string {
  return node.status === 'in_flight' ? stageInWords(node.stage) : node.record.title;
}

/** How far a node has come that is not recorded. */
export function stageInWords(stage: NodeStage): string {
  return stage === 'ended' ? 'ended with the run, not recorded' : `in flight, ${stage}`;
}

/** What stands beside a node: its score or why it has none, and the scores that a person noted. */
export function shortLabel(node: NodeView, notes: NotesFile | null): string {
  if (node.status === 'in_flight') return node.stage === 'ended' ? 'not recorded' : node.stage;
  const text = node.record.reason ?? formatMetric(node.record.metric);
  const label = text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text;
  const noted = Object.values(notes?.scores ?? {});
  const first = noted[0];
  if (first === undefined) return label;
  return `${label} ✎ ${formatMetric(first)}${noted.length > 1 ? '…' : ''}`;
}

/** All of it in words, for those who hear the page. */
export function spokenLabel(node: NodeView, { view, bestId, pruned }: TreePicture, notes: NotesFile | null): string {
  const name = `node ${node.id}, ${originInWords(node)}${pruned.has(node.id) ? ', pruned' : ''}`;
  if (node.status === 'in_flight') return `${name}, ${stageInWords(node.stage)}`;
  const { record } = node;
  if (record.reason !== null) return `${name}, failed: ${record.reason}`;
  const doubts = marksInWords(marksOf(view, record));
  const noted = notes === null ? '' : notedInWords(notes);
  return [
    `${name}, ${view.run.task.metric} ${formatMetric(record.metric)}`,
    ...(node.id === bestId ? ['the best'] : []),
    ...(doubts === '' ? [] : [`doubted: ${doubts}`]),
    ...(noted === '' ? [] : [`noted: ${noted}`]),
  ].join(', ');
}

/** `public 0.83, private 0.81`; empty without scores. */
export function notedInWords({ scores }: Pick<NotesFile, 'scores'>): string {
  return Object.entries(scores)
    .map(([name, score]) => `${name} ${formatMetric(score)}`)
    .join(', ');
}
