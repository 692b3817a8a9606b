import { normalizeMetricName } from '../../domain/metrics';
import type { ColumnPreview, Preview, TablePreview, TableReading } from '../../domain/preview';
import type { Task } from '../../domain/task';
import { longTail } from './column-roles';
import { findTables, inferTarget } from './find-tables';
import type { MetricCode, ProblemKind } from './metric-code';
import { computableMetrics, metricCode, metricKinds, needsNumericLabels } from './metric-code';
import { sortColumns } from './sort-columns';

/** A table's file and how it is to be read. */
export interface TableFile extends TableReading {
  readonly path: string;
  /** Whether some lines do not fit the header: they are passed over, with a warning. */
  readonly uneven: boolean;
  /** Whether the file is too large to be held: lines are drawn from places all over it. */
  readonly huge: boolean;
}

/** What a script predicts from what: all that the building blocks look at. */
export interface Table {
  readonly kind: ProblemKind;
  readonly metric: MetricCode;
  readonly rows: number;
  readonly numeric: readonly string[];
  readonly categories: readonly string[];
  /** Those of the categories whose names are made of several words. */
  readonly wordy: readonly string[];
  /** Columns of prose. */
  readonly texts: readonly string[];
  /** Columns of dates, with the ways they are written in as `strptime` takes them; none for ISO dates. */
  readonly dates: readonly { readonly name: string; readonly formats: readonly string[] }[];
  readonly times: readonly string[];
  /** Numeric columns that are never negative and have a long tail. */
  readonly skewed: readonly string[];
  /** Numeric columns, those with the most different values first. */
  readonly varied: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  readonly missing: boolean;
  /** Columns of a very wide table that the preview does not describe. */
  readonly undescribed: number;
  /** Further tables of the task, which scripts do not look at. */
  readonly otherTables: readonly string[];
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

/** Every column that a script uses. */
export function columnsOf(table: Table): readonly string[] {
  const dates = table.dates.map(({ name }) => name);
  return [...table.numeric, ...table.categories, ...table.texts, ...dates, ...table.times];
}

/** Classes that an integer target may have before it counts as a quantity. */
const MOST_CLASSES = 200;

const WHAT_IT_CAN_DO =
  'The offline model predicts one column of a table. Name a language model (--model or COPPICE_MODEL) for anything else.';

/** Reads task and preview as a table problem, or says why they are none that can be solved offline. */
export function readTable(task: Task, preview: Preview): TableResult {
  const found = findTables(task, preview);
  if (typeof found === 'string') return refuse(found);
  const { train, test, sample } = found;
  const targetName = task.target ?? inferTarget(found, task.id);
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
  const { numeric, categories, texts, dates, times } = roles;
  if ([...numeric, ...categories, ...texts, ...dates, ...times].length + train.columnsLeftOut === 0) {
    return refuse(`${train.path} has no column to predict ${JSON.stringify(targetName)} from`);
  }
  const fileOf = (table: TablePreview | null): TableFile | null => (table === null ? null : tableFile(table, preview));
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
      undescribed: train.columnsLeftOut,
      otherTables: found.others,
      train: tableFile(train, preview),
      test: fileOf(test),
      sample: fileOf(sample),
      filled,
    },
  };
}

function refuse(why: string): TableResult {
  return { ok: false, refusal: `The offline model cannot work on this task: ${why}. ${WHAT_IT_CAN_DO}` };
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

/** Largest file that a script reads whole; above that it draws lines. */
const WHOLE_BYTES = 1_000_000_000;

function tableFile(table: TablePreview, preview: Preview): TableFile {
  const { path, format, compression, member, encoding, delimiter, decimal, thousands } = table;
  const bytes = preview.files.find((file) => file.path === path)?.bytes ?? 0;
  return {
    ...{ path, format, compression, member, encoding, delimiter, decimal, thousands },
    uneven: preview.problems.some((problem) => problem.path === path),
    huge: format === 'csv' && compression === null && bytes > WHOLE_BYTES,
  };
}
