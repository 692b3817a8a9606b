import { isBetter } from '../domain/direction';
import type { NodeRecord } from '../domain/node-record';
import { formatMetric } from '../domain/format';
import type { RunView } from './run-view';
import { countedRecords } from './counted-records';

const BAR_WIDTH = 40;

/** Most lines of the chart; of longer courses the last improvements are shown. */
const CHART_LINES = 40;

/**
 * One line for each node that became the best, pruned ones left out, in the order of recording, with a bar that grows from the first working
 * score to the best one; null when nothing works.
 */
export function scoreChart(view: RunView): string | null {
  const steps = improvements(view);
  const first = steps[0]?.metric;
  const last = steps.at(-1)?.metric;
  if (first == null || last == null) return null;
  const gain = Math.abs(last - first);
  const shown = steps.slice(-CHART_LINES);
  const width = Math.max(...shown.map((step) => formatMetric(step.metric).length));
  const lines = shown.map((step) => {
    const share = gain === 0 || step.metric === null ? 0 : Math.abs(step.metric - first) / gain;
    const score = formatMetric(step.metric).padStart(width);
    const bar = '█'.repeat(1 + Math.round(share * (BAR_WIDTH - 1)));
    return `${String(step.completion).padStart(5)}  ${score}  ${bar} node ${step.id}`;
  });
  const left = steps.length - shown.length;
  return [...(left > 0 ? [`      ${left} earlier improvements left out`] : []), ...lines].join('\n');
}

function improvements(view: RunView): NodeRecord[] {
  const { direction } = view.run.task;
  const inOrder = countedRecords(view).sort((left, right) => left.completion - right.completion);
  let best: number | null = null;
  return inOrder.filter((record) => {
    if (record.status !== 'working' || record.metric === null) return false;
    if (best !== null && !isBetter(record.metric, best, direction)) return false;
    best = record.metric;
    return true;
  });
}
