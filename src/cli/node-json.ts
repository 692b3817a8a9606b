import { prunedIds } from '../report/counted-records';
import type { NodeView, RunView } from '../report/run-view';
import { candidateOf, marksOf } from '../report/run-view';
import type { NotesFile } from '../domain/steering';
import type { TreeJson } from './json-output';

/** A node as the reading commands give it: with its outcome when it is recorded, with its stage while it is in flight. */
export function nodeJson(
  node: NodeView,
  view: RunView,
  pruned: ReadonlySet<number> = prunedIds(view),
): TreeJson['nodes'][number] | TreeJson['inFlight'][number] {
  const { id, parent, operator, startedAt } = node;
  if (node.status === 'in_flight')
    return { id, parent, operator, stage: node.stage, startedAt, pruned: pruned.has(id) };
  const { status, reason, metric, scriptSeconds, summary, ...record } = node.record;
  return {
    id,
    parent,
    operator,
    status,
    reason,
    metric,
    startedAt,
    scriptSeconds,
    summary,
    standardError: record.standardError,
    reportedMetric: record.reportedMetric,
    selectionScore: candidateOf(view, id)?.selectionScore ?? null,
    marks: marksOf(view, node.record),
    isolation: record.isolation,
    pruned: pruned.has(id),
    notes: notesJson(node.notes),
  };
}

/** What a person noted, for others' programs. */
export function notesJson(notes: NotesFile | null): TreeJson['nodes'][number]['notes'] {
  return notes === null ? null : { scores: notes.scores, text: notes.text };
}
