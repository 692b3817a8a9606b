import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Scorer } from '../domain/metrics';
import { scorerOf } from '../domain/metrics';
import type { Task } from '../domain/task';
import { walkFiles } from '../task/file-tree';
import { isPlainTextTable, isTableName, isZipName, tablesIn } from '../task/table-file';
import { columnsOf } from '../task/table-columns';
import { readTableHead } from '../task/table-header';
import type { TableHead } from '../task/table-header';

/** Without being asked for, rows are withheld only from tables of this size. */
export const LEAST_ROWS = 2000;
const MOST_BYTES = 2e9;

/** Asked for by name, fewer rows do; below this a score says nothing. */
const LEAST_ROWS_BY_NAME = 50;

/** Tables up to this size have their lines counted at once, which spares small tasks the grade worker. */
const COUNTED_BYTES = 16e6;

/** Names of files that hold words for people. */
const DOCUMENT = /^(?:[^/.]+|[^/]+\.(?:md|txt|rst|pdf|html?|ya?ml))$/i;

/** A table of the task, as the grading program has to read it. */
export interface PlannedTable {
  /** Below the data directory. */
  readonly name: string;
  readonly head: TableHead;
}

/** All that a split needs to know. */
export interface SplitPlan {
  readonly train: PlannedTable;
  readonly test: PlannedTable | null;
  readonly sample: PlannedTable | null;
  readonly id: string;
  /** Columns to withhold, the target first. */
  readonly labels: readonly string[];
  /** Null when the task's own file scores. */
  readonly scorer: Scorer | null;
  readonly method: 'auto' | 'group' | 'time';
  /** The column of groups or times. */
  readonly by: string | null;
  readonly leastRows: number;
  /** Files of the data directory that are copied as they are. */
  readonly others: readonly string[];
}

/** The plan, or the end of a sentence that begins with "since" or "but". */
export type Planned = { readonly ok: true; readonly plan: SplitPlan } | { readonly ok: false; readonly why: string };

/** A reason against hidden rows. */
class Against extends Error {}

/**
 * Whether rows can be withheld from a task's data, as far as names, sizes and header lines tell; quick whatever the
 * size. What only the rows themselves tell, the split finds out.
 *
 * @param byName whether a person asks for it: then size does not matter, and other files only where they hold the target
 */
export async function planSplit(task: Task, byName: boolean): Promise<Planned> {
  try {
    return { ok: true, plan: await makePlan(task, byName) };
  } catch (error) {
    if (error instanceof Against) return { ok: false, why: error.message };
    throw error;
  }
}

async function makePlan(task: Task, byName: boolean): Promise<SplitPlan> {
  const scorer = requireScorer(task);
  const { train: trainName, id } = task;
  if (trainName === null) throw new Against('the task has no training table');
  if (id === null) throw new Against('the task names no column that identifies a row');
  if (task.target === null && task.scorer === null) throw new Against('the task names no target column');
  if (task.sample !== null && task.test === null)
    throw new Against('there is a sample but no table of rows to predict');
  if (task.group !== null && task.time !== null) throw new Against('the task names both a group and a time column');
  const train = await requireTable(task, trainName);
  const test = task.test === null ? null : await requireTable(task, task.test);
  const sample = task.sample === null ? null : await requireTable(task, task.sample);
  requireSameDelimiter(train, test);
  const labels = labelsOf(task, train, test);
  const by = task.group ?? task.time;
  if (by !== null && !train.head.columns.includes(by)) throw new Against(`${train.name} has no column ${by}`);
  const others = await otherFiles(task);
  if (byName) await refuseCopiesOfTarget(task, others);
  else await refuseUnlessPlain(task, train, others);
  return {
    train,
    test,
    sample,
    id,
    labels,
    scorer,
    method: task.group !== null ? 'group' : task.time !== null ? 'time' : 'auto',
    by,
    leastRows: byName ? LEAST_ROWS_BY_NAME : LEAST_ROWS,
    others,
  };
}

function requireScorer({ metric, direction, scorer }: Task): Scorer | null {
  if (scorer !== null) return null;
  const found = scorerOf(metric);
  if (found === null) throw new Against(`the metric ${metric} has no scorer here`);
  if (found.direction === direction) return found;
  throw new Against(`the scorer of ${metric} says ${found.direction}, and the task says ${direction}`);
}

async function requireTable(task: Task, name: string): Promise<PlannedTable> {
  if (!isPlainTextTable(name)) {
    throw new Against(`${name} is no plain CSV or TSV file, and rows can be withheld from those alone`);
  }
  const [table] = await tablesIn(path.join(task.dataDirectory, name));
  if (table === undefined) throw new Against(`${name} is no table`);
  const result = await readTableHead(table);
  if (!result.ok) throw new Against(`${name} cannot be read: ${result.message}`);
  if (/^utf-(16|32)/.test(result.head.encoding))
    throw new Against(`${name} is in ${result.head.encoding.toUpperCase()}`);
  return { name, head: result.head };
}

function requireSameDelimiter(train: PlannedTable, test: PlannedTable | null): void {
  if (test === null || test.head.columns.length < 2 || test.head.delimiter === train.head.delimiter) return;
  throw new Against(`${train.name} and ${test.name} do not part their cells by the same sign`);
}

/** The target; for a scorer of the task's own also every other column that only the training table has. */
function labelsOf({ target, scorer }: Task, train: PlannedTable, test: PlannedTable | null): readonly string[] {
  if (target !== null && !train.head.columns.includes(target)) {
    throw new Against(`${train.name} has no column ${target}`);
  }
  const given = target === null ? [] : [target];
  if (scorer === null || test === null) return given;
  const known = new Set([...test.head.columns, ...given]);
  const labels = [...given, ...train.head.columns.filter((column) => !known.has(column))];
  if (labels.length === 0) throw new Against(`${train.name} has no column that ${test.name} lacks`);
  return labels;
}

async function otherFiles(task: Task): Promise<readonly string[]> {
  const tables = [task.train, task.test, task.sample];
  const others: string[] = [];
  for await (const entry of walkFiles(task.dataDirectory)) {
    if (entry.kind === 'unreadable') throw new Against(`${entry.path} ${entry.problem}`);
    if (!tables.includes(entry.path)) others.push(entry.path);
  }
  return others;
}

/** A further table with a column of that name would show scripts what is withheld. */
async function refuseCopiesOfTarget({ dataDirectory, target }: Task, others: readonly string[]): Promise<void> {
  if (target === null) return;
  for (const name of others.filter((other) => isTableName(other) || isZipName(other))) {
    for (const table of await tablesIn(path.join(dataDirectory, name)).catch(() => [])) {
      const result = await columnsOf(table);
      if (result.ok && result.columns.includes(target)) {
        throw new Against(`${name} has a column ${target}, too, in which scripts could look up what is withheld`);
      }
    }
  }
}

async function refuseUnlessPlain(task: Task, train: PlannedTable, others: readonly string[]): Promise<void> {
  const more = others.filter((name) => !DOCUMENT.test(name));
  if (more.length > 0) {
    const rest = more.length > 1 ? ` and ${more.length - 1} more` : '';
    throw new Against(`the data are more than one training table (${more[0] ?? ''}${rest})`);
  }
  const sizes = [task.train, task.test, task.sample].map(async (name) =>
    name === null ? 0 : (await stat(path.join(task.dataDirectory, name))).size,
  );
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  if (bytes > MOST_BYTES) throw new Against(`the tables have ${(bytes / 1e9).toFixed(1)} GB, more than 2 GB`);
  const trainPath = path.join(task.dataDirectory, train.name);
  if ((await stat(trainPath)).size > COUNTED_BYTES) return;
  const rows = (await countLines(trainPath)) - 1;
  if (rows < LEAST_ROWS) throw new Against(`${train.name} has ${rows} rows, fewer than ${LEAST_ROWS}`);
}

/** Never fewer than there are rows with the header. */
async function countLines(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const bytes = await handle.readFile();
    let lines = bytes.at(-1) === 10 ? 0 : 1;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
    return lines;
  } finally {
    await handle.close();
  }
}
