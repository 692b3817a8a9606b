import type { NodeView, RunView } from '../report/run-view';
import { candidateOf, marksOf } from '../report/run-view';
import type { TreeJson } from './json-output';

/** A node as the reading commands give it: with its outcome when it is recorded, with its stage while it is in flight. */
export function nodeJson(node: NodeView, view: RunView): TreeJson['nodes'][number] | TreeJson['inFlight'][number] {
  const { id, parent, operator, startedAt } = node;
  if (node.status === 'in_flight') return { id, parent, operator, stage: node.stage, startedAt };
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
  };
}
