import { isBetter } from '../../domain/direction';
import type { OfflineFacts } from './facts';
import type { Table } from './table';

/** What a reviewer answers; the shape that reviews of language models have too. */
export interface ReviewAnswer {
  readonly is_bug: boolean;
  readonly summary: string;
}

/** Room for rounding in scores that lie on the limit of their metric. */
const TOLERANCE = 1e-9;

/** A review by rule: how the script ended, what it scored beside others, and whether the score can be true at all. */
export function reviewScript(facts: OfflineFacts, table: Table | null): ReviewAnswer {
  const { execution } = facts;
  if (execution === null) return { is_bug: false, summary: 'Nothing was run.' };
  if (execution.status === 'failed' || execution.metric === null) {
    const said = execution.message === '' ? lastLine(execution.outputTail) : execution.message;
    return { is_bug: false, summary: `It failed (${execution.reason ?? 'no score'}): ${said}` };
  }
  const metric = execution.metric;
  const impossible = table === null ? null : outOfRange(metric, table);
  if (impossible !== null) return { is_bug: true, summary: impossible };
  const sentences = [`${facts.task.metric} ${number(metric)}.`];
  const parentMetric = facts.parent?.metric ?? null;
  if (facts.parent !== null && parentMetric !== null) {
    sentences.push(compared(metric, parentMetric, facts, `its parent, node ${facts.parent.id}`));
  }
  if (facts.best !== null && facts.best.id !== facts.parent?.id) {
    sentences.push(compared(metric, facts.best.metric, facts, `the best so far, node ${facts.best.id}`));
  }
  return { is_bug: false, summary: sentences.join(' ') };
}

function compared(metric: number, other: number, facts: OfflineFacts, name: string): string {
  if (metric === other) return `The same as ${name}.`;
  const word = isBetter(metric, other, facts.task.direction) ? 'Better' : 'Worse';
  return `${word} than ${name} (${number(other)}).`;
}

function outOfRange(metric: number, table: Table): string | null {
  const { lowest, highest } = table.metric.range;
  if (metric >= lowest - TOLERANCE && metric <= highest + TOLERANCE) return null;
  const limit = metric < lowest ? `below ${lowest}` : `above ${highest}`;
  return `A ${table.metric.name} ${limit} cannot be (${number(metric)}): the script computes its score wrongly.`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
}
