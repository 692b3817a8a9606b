import { normalizeMetricName } from '../../domain/metrics';
import type { ColumnPreview, Preview, TablePreview } from '../../domain/preview';
import type { Task } from '../../domain/task';
import { columnRole, longTail } from './column-roles';
import type { MetricCode, ProblemKind } from './metric-code';
import { computableMetrics, metricCode, metricKinds, needsNumericLabels } from './metric-code';

export interface TableFile {
  readonly path: string;
  readonly delimiter: string;
}

/** What a script predicts from what: all that the building blocks look at. */
export interface Table {
  readonly kind: ProblemKind;
  readonly metric: MetricCode;
  readonly rows: number;
  readonly numeric: readonly string[];
  readonly categories: readonly string[];
  readonly dates: readonly string[];
  readonly times: readonly string[];
  /** Numeric columns that are never negative and have a long tail. */
  readonly skewed: readonly string[];
  /** Numeric columns, those with the most different values first. */
  readonly varied: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  readonly missing: boolean;
  readonly target: {
    readonly name: string;
    /** On which side most of the range holds few rows, if on one. */
    readonly tail: 'high' | 'low' | null;
    /** Never below zero. */
    readonly nonNegative: boolean;
  };
  readonly id: string | null;
  readonly train: TableFile;
  readonly test: TableFile | null;
  readonly sample: TableFile | null;
  /** Columns of the sample to fill; more than one when there is one for each class. */
  readonly filled: readonly string[];
}

export type TableResult =
  { readonly ok: true; readonly table: Table } | { readonly ok: false; readonly refusal: string };

/** Classes that an integer target may have before it counts as a quantity. */
const MOST_CLASSES = 200;

const WHAT_IT_CAN_DO =
  'The offline model predicts one column of a CSV or TSV table. Name a language model (--model or COPPICE_MODEL) for anything else.';

/** Reads task and preview as a table problem, or says why they are none that can be solved offline. */
export function readTable(task: Task, preview: Preview): TableResult {
  const found = findFiles(task, preview);
  if (typeof found === 'string') return refuse(found);
  const { train, test, sample } = found;
  const targetName = task.target ?? inferTarget(train, test, sample, task.id);
  if (targetName === null) return refuse('it is not said which column to predict: set "target" in the task');
  const target = train.columns.find((column) => column.name === targetName);
  if (target === undefined) return refuse(`${train.path} has no column ${JSON.stringify(targetName)} to predict`);
  const kind = problemKind(task.metric, target, train.rows);
  if (!kind.ok) return refuse(kind.why);
  const metric = metricCode(task.metric, kind.kind);
  if (metric === null) {
    return refuse(`${task.metric} is not defined here for ${kind.kind} targets such as ${JSON.stringify(targetName)}`);
  }
  const filled = filledColumns(task, sample, target, train, kind.kind);
  if (typeof filled === 'string') return refuse(filled);
  const roles = sortColumns(train, test, target.name, task.id);
  if (roles.numeric.length + roles.categories.length + roles.dates.length + roles.times.length === 0) {
    return refuse(`${train.path} has no column to predict ${JSON.stringify(targetName)} from`);
  }
  const minimum = typeof target.minimum === 'number' ? target.minimum : null;
  return {
    ok: true,
    table: {
      ...roles,
      kind: kind.kind,
      metric,
      rows: train.rows,
      target: {
        name: targetName,
        tail: longTail(target),
        nonNegative: minimum !== null && minimum >= 0,
      },
      id: task.id,
      train: fileOf(train),
      test: test === null ? null : fileOf(test),
      sample: sample === null ? null : fileOf(sample),
      filled,
    },
  };
}

function refuse(why: string): TableResult {
  return { ok: false, refusal: `The offline model cannot work on this task: ${why}. ${WHAT_IT_CAN_DO}` };
}

interface Files {
  readonly train: TablePreview;
  readonly test: TablePreview | null;
  readonly sample: TablePreview | null;
}

function findFiles(task: Task, preview: Preview): Files | string {
  const find = (path: string | null): TablePreview | null =>
    preview.tables.find((table) => table.path === path) ?? null;
  const train = find(task.train) ?? (task.train === null ? onlyTable(preview, [task.test, task.sample]) : null);
  if (train === null) {
    const problem = preview.problems.find(({ path }) => path === task.train);
    if (problem !== undefined) return `${problem.path} could not be read (${problem.message})`;
    return task.train === null
      ? 'there is no table to learn from among its files: set "train" in the task'
      : `${task.train} is not a table that could be read`;
  }
  if (train.rows < 10) return `${train.path} has only ${train.rows} rows to learn from`;
  const test = find(task.test);
  const sample = find(task.sample);
  if (task.sample !== null && sample === null) return `${task.sample} is not a table that could be read`;
  if (sample !== null && test === null) {
    return `there is a sample of the submission (${sample.path}) but no table with the rows to predict: set "test"`;
  }
  return { train, test, sample };
}

function onlyTable(preview: Preview, others: readonly (string | null)[]): TablePreview | null {
  const left = preview.tables.filter(({ path }) => !others.includes(path));
  return left.length === 1 ? (left[0] ?? null) : null;
}

function inferTarget(
  train: TablePreview,
  test: TablePreview | null,
  sample: TablePreview | null,
  id: string | null,
): string | null {
  const known = new Set((test?.columns ?? []).map(({ name }) => name));
  const asked = new Set((sample?.columns ?? []).map(({ name }) => name));
  const candidates = train.columns.map(({ name }) => name).filter((name) => name !== id);
  const byAsk = candidates.filter((name) => asked.has(name) && !known.has(name));
  if (byAsk.length === 1) return byAsk[0] ?? null;
  const byAbsence = test === null ? [] : candidates.filter((name) => !known.has(name));
  return byAbsence.length === 1 ? (byAbsence[0] ?? null) : null;
}

type KindResult = { readonly ok: true; readonly kind: ProblemKind } | { readonly ok: false; readonly why: string };

/** The metric decides between a quantity and classes; the target's type and values then have to fit. */
function problemKind(metric: string, target: ColumnPreview, rows: number): KindResult {
  const kinds = metricKinds(metric);
  const quoted = JSON.stringify(target.name);
  if (kinds === null) {
    return {
      ok: false,
      why: `it cannot compute the metric ${JSON.stringify(metric)}; it knows ${computableMetrics().join(', ')}`,
    };
  }
  const numeric = target.type === 'integer' || target.type === 'number';
  if (kinds.includes('regression')) {
    if (numeric) return { ok: true, kind: 'regression' };
    return {
      ok: false,
      why: `${normalizeMetricName(metric)} needs numbers, but the column ${quoted} holds ${target.type}`,
    };
  }
  if (target.distinct < 2) return { ok: false, why: `the column ${quoted} has a single value` };
  if (target.distinct > MOST_CLASSES || (target.type === 'number' && target.distinct > rows / 4)) {
    return {
      ok: false,
      why: `${normalizeMetricName(metric)} compares classes, but the column ${quoted} has about ${target.distinct} different values`,
    };
  }
  if (needsNumericLabels(metric) && !numeric) {
    return {
      ok: false,
      why: `${normalizeMetricName(metric)} needs classes that are numbers, but ${quoted} holds text`,
    };
  }
  return { ok: true, kind: target.distinct === 2 ? 'binary' : 'multiclass' };
}

/** Columns of the sample that the script fills, or why it cannot. */
function filledColumns(
  task: Task,
  sample: TablePreview | null,
  target: ColumnPreview,
  train: TablePreview,
  kind: ProblemKind,
): readonly string[] | string {
  if (sample === null) return [target.name];
  const names = sample.columns.map(({ name }) => name).filter((name) => name !== task.id);
  if (names.length === 1) return names;
  const others = names.filter((name) => name !== target.name);
  const alsoTargets = others.filter((name) => train.columns.some((column) => column.name === name));
  if (names.includes(target.name)) {
    // Further columns of the sample that the training table knows are other targets; the rest stays as it is there.
    if (alsoTargets.length === 0) return [target.name];
    return `${sample.path} asks for several columns (${names
      .slice(0, 5)
      .map((name) => JSON.stringify(name))
      .join(', ')})`;
  }
  if (kind === 'regression') return `${sample.path} has no column ${JSON.stringify(target.name)}`;
  return names;
}

function sortColumns(
  train: TablePreview,
  test: TablePreview | null,
  target: string,
  id: string | null,
): Pick<Table, 'numeric' | 'varied' | 'categories' | 'dates' | 'times' | 'skewed' | 'leftOut' | 'missing'> {
  const known = test === null ? null : new Map(test.columns.map((column) => [column.name, column]));
  const numeric: string[] = [];
  const categories: string[] = [];
  const dates: string[] = [];
  const times: string[] = [];
  const skewed: string[] = [];
  const leftOut: { name: string; why: string }[] = [];
  let missing = false;
  for (const column of train.columns) {
    const { name } = column;
    if (name === target || name === id) continue;
    if (known !== null && !known.has(name)) {
      leftOut.push({ name, why: `not in ${test?.path ?? 'the rows to predict'}` });
      continue;
    }
    const role = columnRole(column, train.rows);
    if (role.role === 'left_out') {
      leftOut.push({ name, why: role.why });
      continue;
    }
    const wordsAmongNumbers = role.role === 'number' && column.type === 'text';
    missing ||= column.missing > 0 || (known?.get(name)?.missing ?? 0) > 0 || wordsAmongNumbers;
    if (role.role === 'number') {
      numeric.push(name);
      if (typeof column.minimum === 'number' && column.minimum >= 0 && longTail(column) === 'high') skewed.push(name);
    } else if (role.role === 'category') categories.push(name);
    else if (role.role === 'date') dates.push(name);
    else times.push(name);
  }
  const distinct = new Map(train.columns.map((column) => [column.name, column.distinct]));
  const varied = [...numeric].sort((left, right) => (distinct.get(right) ?? 0) - (distinct.get(left) ?? 0));
  return { numeric, varied, categories, dates, times, skewed, leftOut, missing };
}

function fileOf(table: TablePreview): TableFile {
  return { path: table.path, delimiter: table.delimiter };
}
