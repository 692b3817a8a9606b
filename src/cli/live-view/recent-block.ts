import { isBetter } from '../../domain/direction';
import type { NodeRecord } from '../../domain/node-record';
import { formatMetric, formatSeconds } from '../../domain/format';
import { recordsOf } from '../../report/run-view';
import { originInWords } from '../../report/words';
import { ageWords } from './clock-words';
import type { FrameModel } from './frame-model';
import type { Line } from './styled-line';
import { padTo, widthOf } from '../text-width';

/** The latest recorded nodes, the newest first, in at most `rows` lines. */
export function recentBlock(model: FrameModel, rows: number): Line[] {
  const { view, now } = model;
  const { metric, direction } = view.run.task;
  const records = recordsOf(view).sort((one, other) => one.completion - other.completion);
  const bests = newBests(records, direction);
  const latest = records.slice(-Math.max(0, rows)).reverse();
  const cells =
    rows <= 0
      ? []
      : latest.map((record) => ({
          record,
          age: ageWords((now - Date.parse(record.recordedAt)) / 1000),
          name: `${record.id} ${originInWords(record)}`,
          outcome: record.reason === null ? `${metric} ${formatMetric(record.metric)}` : `failed: ${record.reason}`,
          seconds: record.scriptSeconds === null ? '–' : formatSeconds(record.scriptSeconds),
        }));
  const width = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));
  const ages = width(cells.map(({ age }) => age));
  const names = width(cells.map(({ name }) => name));
  const outcomes = width(cells.map(({ outcome }) => outcome));
  const seconds = width(cells.map((cell) => cell.seconds));
  return cells.map(({ record, age, name, outcome, seconds: took }): Line => {
    const isBest = bests.has(record.id);
    return [
      { text: `  ${age.padStart(ages)} ago  `, style: 'dim' },
      { text: padTo(name, names), style: 'strong' },
      { text: `  ${padTo(outcome, outcomes)}`, style: record.reason !== null ? 'bad' : isBest ? 'good' : 'plain' },
      { text: isBest ? ' ★' : '  ', style: 'good' },
      { text: ` ${took.padStart(seconds)}` },
      { text: `  ${record.title}`, style: 'dim' },
    ];
  });
}

/** The nodes that were the best one when they were recorded. */
function newBests(records: readonly NodeRecord[], direction: 'maximize' | 'minimize'): ReadonlySet<number> {
  const bests = new Set<number>();
  let held: number | null = null;
  for (const { id, status, metric } of records) {
    if (status !== 'working' || metric === null || (held !== null && !isBetter(metric, held, direction))) continue;
    held = metric;
    bests.add(id);
  }
  return bests;
}
