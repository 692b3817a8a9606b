import type { Preview, TablePreview } from '../../domain/preview';
import type { Task } from '../../domain/task';

/** Fewest rows that anything can be learned from, with some left to measure it on. */
const LEAST_ROWS = 10;

/** The tables of a task by what they are for. */
export interface FoundTables {
  readonly train: TablePreview;
  readonly test: TablePreview | null;
  readonly sample: TablePreview | null;
  /** Paths of further tables, which scripts do not look at. */
  readonly others: readonly string[];
}

/** The tables that a script works with, or why there are none. */
export function findTables(task: Task, preview: Preview): FoundTables | string {
  const find = (path: string | null): TablePreview | null =>
    preview.tables.find((table) => table.path === path) ?? null;
  const train = find(task.train) ?? (task.train === null ? likelyTable(task, preview) : null);
  if (train === null) return whyNoTable(task, preview);
  if (train.rows < LEAST_ROWS) {
    return `${train.path} has only ${train.rows === 1 ? '1 row' : `${train.rows} rows`} to learn from`;
  }
  const test = find(task.test);
  const sample = find(task.sample);
  if (task.sample !== null && sample === null) return `${task.sample} is not a table that could be read`;
  if (sample !== null && test === null) {
    return `there is a sample of the submission (${sample.path}) but no table with the rows to predict: set "test"`;
  }
  const used = [train, test, sample];
  return {
    train,
    test,
    sample,
    others: preview.tables.filter((table) => !used.includes(table)).map(({ path }) => path),
  };
}

/** The only table that is left, else the largest one with the column to predict. */
function likelyTable(task: Task, preview: Preview): TablePreview | null {
  const left = preview.tables.filter(({ path }) => path !== task.test && path !== task.sample);
  if (left.length <= 1) return left[0] ?? null;
  const fitting = left.filter(({ columns }) => columns.some(({ name }) => name === task.target));
  return [...fitting].sort((one, other) => other.rows - one.rows)[0] ?? null;
}

function whyNoTable(task: Task, preview: Preview): string {
  const problem = preview.problems.find(({ path }) => path === task.train);
  if (problem !== undefined) return `${problem.path} could not be read (${problem.message})`;
  if (task.train !== null) return `${task.train} is not a table that could be read`;
  const folder = preview.folders[0];
  const only = folder === undefined ? '' : ` (only a folder of ${folder.files} ${folder.kind})`;
  return `there is no table to learn from among its files${only}: set "train" in the task`;
}

/** The column that the sample asks for, or that the rows to predict lack, when it is a single one. */
export function inferTarget({ train, test, sample }: FoundTables, id: string | null): string | null {
  const known = new Set((test?.columns ?? []).map(({ name }) => name));
  const asked = new Set((sample?.columns ?? []).map(({ name }) => name));
  const candidates = train.columns.map(({ name }) => name).filter((name) => name !== id);
  const byAsk = candidates.filter((name) => asked.has(name) && !known.has(name));
  if (byAsk.length === 1) return byAsk[0] ?? null;
  const byAbsence = test === null ? [] : candidates.filter((name) => !known.has(name));
  return byAbsence.length === 1 ? (byAbsence[0] ?? null) : null;
}
