import type { NodeRecord } from '../domain/node-record';
import { scoreInWords } from './evaluation-words';
import { formatMetric } from '../domain/format';
import { markInWords } from './mark-words';
import type { RunView } from './run-view';
import { candidateOf, marksOf } from './run-view';

/** All that is known of a recorded node's worth, as names and values: scores, doubts, and what isolated its script. */
export function scoreFacts(record: NodeRecord, view: RunView): [string, string][] {
  const { metric } = view.run.task;
  const { kind } = view.evaluation ?? {};
  const facts: [string, string][] = [[metric, scoreInWords(record.metric, record.standardError)]];
  const candidate = candidateOf(view, record.id);
  if (candidate?.selectionScore != null) {
    facts.push(['selection score', scoreInWords(candidate.selectionScore, candidate.standardError)]);
  }
  if (kind !== undefined && kind !== 'reported' && record.reportedMetric !== null) {
    facts.push(["script's own score", formatMetric(record.reportedMetric)]);
  }
  for (const mark of marksOf(view, record)) facts.push([`doubt: ${markInWords(mark)}`, mark.message]);
  if (record.isolation !== null) facts.push(['isolation', record.isolation]);
  return facts;
}
