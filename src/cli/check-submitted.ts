import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse';
import { z } from 'zod';
import type { Task } from '../domain/task';
import { SUBMISSION_FILE, checkSubmission } from '../sandbox/check-submission';

/** What a submission holds, and what it was held against. */
export interface CheckedSubmission {
  readonly columns: readonly string[];
  readonly rows: number;
  /** `none`: the task has neither a sample nor ids that can be read here. */
  readonly checkedBy: 'sample' | 'ids' | 'none';
  /** What is wrong with it; null when it fits. */
  readonly problem: string | null;
}

/** Ids that a message quotes. */
const MOST_EXAMPLES = 3;

const rowSchema = z.array(z.string());

/**
 * Reads `working/submission.csv` below a directory and holds it against the task: its sample, else the ids of the rows
 * to predict. Rows that were withheld in the search have ids that neither knows.
 */
export async function checkSubmitted(task: Task, directory: string): Promise<CheckedSubmission> {
  const file = path.join(directory, SUBMISSION_FILE);
  const shape = await readShape(file, delimiterOf(task.sample ?? task.test));
  if (shape.rows === 0) return { ...shape, checkedBy: 'none', problem: 'it has no rows: the task has none to predict' };
  const sample = await readable(task, task.sample);
  if (sample !== null) {
    const check = await checkSubmission({ attemptDirectory: directory, samplePath: sample, idColumn: task.id });
    return { ...shape, checkedBy: 'sample', problem: check.status === 'ok' ? null : check.message };
  }
  const test = await readable(task, task.test);
  if (test === null || task.id === null || !/\.(csv|tsv)$/i.test(test) || !shape.columns.includes(task.id)) {
    return { ...shape, checkedBy: 'none', problem: null };
  }
  return { ...shape, checkedBy: 'ids', problem: await compareIds(file, test, task.id) };
}

async function readable({ dataDirectory }: Task, name: string | null): Promise<string | null> {
  if (name === null) return null;
  const file = path.join(dataDirectory, name);
  return access(file).then(
    () => file,
    () => null,
  );
}

function delimiterOf(name: string | null): string {
  return name !== null && /\.tsv$/i.test(name) ? '\t' : ',';
}

async function readShape(file: string, delimiter: string): Promise<Pick<CheckedSubmission, 'columns' | 'rows'>> {
  let columns: readonly string[] | null = null;
  let rows = 0;
  for await (const row of rowsOf(file, delimiter)) {
    if (columns === null) columns = row;
    else rows += 1;
  }
  return { columns: columns ?? [], rows };
}

async function compareIds(file: string, test: string, idColumn: string): Promise<string | null> {
  const missing = new Set(await readIds(test, idColumn));
  const unknown: string[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  for (const id of await readIds(file, idColumn)) {
    if (seen.has(id)) repeated.push(id);
    else if (!missing.delete(id)) unknown.push(id);
    seen.add(id);
  }
  const problems = [
    found(unknown, `are not in ${path.basename(test)}`),
    found(repeated, 'come more than once'),
    found([...missing], `of ${path.basename(test)} are missing`),
  ].filter((problem) => problem !== null);
  return problems.length === 0 ? null : problems.join('; ');
}

function found(ids: readonly string[], what: string): string | null {
  if (ids.length === 0) return null;
  const examples = ids.slice(0, MOST_EXAMPLES).map((id) => `"${id.slice(0, 40)}"`);
  return `${ids.length} ids ${what} (such as ${examples.join(', ')})`;
}

async function readIds(file: string, idColumn: string): Promise<string[]> {
  const ids: string[] = [];
  let index: number | null = null;
  for await (const row of rowsOf(file, delimiterOf(file))) {
    if (index === null) index = row.indexOf(idColumn);
    else ids.push(row[index] ?? '');
  }
  return ids;
}

async function* rowsOf(file: string, delimiter: string): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, delimiter, relax_column_count: true, skip_empty_lines: true });
  const content = createReadStream(file);
  content.on('error', (error) => parser.destroy(error));
  const rows: AsyncIterable<unknown> = content.pipe(parser);
  for await (const row of rows) yield rowSchema.parse(row);
}
