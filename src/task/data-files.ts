import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { TaskFile } from '../domain/task';
import { walkFiles } from './file-tree';
import { columnsOf } from './table-columns';
import { isTableName, isZipName, tablesIn, tableStem } from './table-file';
import type { TableFile } from './table-file';
import type { TaskRequest } from './task-file';
import { lookAt, pathProblem, TaskProblem, whyUnreadable } from './task-problem';

/** How many files are opened to see whether they can be read at all; a directory of images has many thousands. */
const FILES_CHECKED = 1000;

type FileRole = 'train' | 'test' | 'sample';

/** Names, lower-cased and without punctuation, under which the tables of a task usually come. */
const USUAL_STEMS: Readonly<Record<FileRole, readonly string[]>> = {
  train: ['train', 'training', 'traindata', 'trainingdata'],
  test: ['test', 'testing', 'testdata'],
  sample: ['samplesubmission', 'submissionsample', 'samplesolution', 'submissionformat'],
};

const ONLY_TABLE = 'it is the only table';

/** A file of the task, with its column names when it is a table. */
export interface DataFile {
  /** Path below the data directory, with forward slashes. */
  readonly path: string;
  readonly columns: readonly string[] | null;
  /** By what it is known to be what it is; null when it was given. */
  readonly reason: string | null;
}

/**
 * The data directory as an absolute path.
 *
 * @throws TaskProblem when it is missing, empty, or holds something that cannot be read
 */
export async function settleDataDirectory(request: TaskRequest): Promise<string> {
  const directory = path.resolve(request.directory, request.settings.data);
  const advice = `put the data there or correct ${request.nameSetting('data')}`;
  const state = await lookAt(directory);
  if (!state.ok) throw new TaskProblem(`Data directory ${directory} ${state.problem}; ${advice}.`);
  if (!state.stats.isDirectory()) throw new TaskProblem(`Data directory ${directory} is not a directory; ${advice}.`);
  if (!(await holdsReadableFiles(directory))) {
    throw new TaskProblem(`Data directory ${directory} holds no files; ${advice}.`);
  }
  return directory;
}

async function holdsReadableFiles(directory: string): Promise<boolean> {
  let checked = 0;
  try {
    for await (const entry of walkFiles(directory)) {
      const problem = entry.kind === 'file' ? await whyUnreadable(entry.absolute) : entry.problem;
      if (problem !== null) throw unusable(entry.absolute, problem);
      checked++;
      if (checked >= FILES_CHECKED) break;
    }
  } catch (error) {
    const problem = pathProblem(error);
    if (problem === null) throw error;
    throw unusable(directory, problem);
  }
  return checked > 0;
}

/**
 * The table of one role: as the task names it, else by its usual name, else null. Without rows to predict and a sample,
 * the only table that there is is the one to learn from.
 *
 * @throws TaskProblem when the named file is missing, or is no table that can be read
 */
export async function settleFile(
  request: TaskRequest,
  dataDirectory: string,
  role: FileRole,
): Promise<DataFile | null> {
  const given = request.settings[role];
  const found =
    given === undefined
      ? await findByName(dataDirectory, role)
      : { name: await findGiven(request, dataDirectory, { role, given }), reason: null };
  if (found === null) return null;
  const file = path.join(dataDirectory, found.name);
  const problem = await whyUnreadable(file);
  if (problem !== null) throw unusable(file, problem);
  const table = await tableOf(file, role);
  if (table === null) return { path: found.name, columns: null, reason: found.reason };
  const result = await columnsOf(table);
  if (!result.ok) {
    // What was only guessed to be the table may well be something else.
    if (found.reason === ONLY_TABLE) return null;
    throw new TaskProblem(`Data file ${file} is no table: ${result.message}; replace it or move it away.`);
  }
  return { path: found.name, columns: result.columns, reason: found.reason };
}

/** Null for what is no table at all, such as a directory's listing in a format of its own. */
async function tableOf(file: string, role: FileRole): Promise<TableFile | null> {
  if (!isTableName(file) && !isZipName(file)) return null;
  const tables = await tablesIn(file).catch((error: unknown) => {
    throw unusable(file, `cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  });
  const [table] = tables;
  if (table === undefined || tables.length > 1) {
    throw new TaskProblem(
      `Data file ${file} holds ${tables.length} tables, and one is needed; unpack it, or name another file by --${role}.`,
    );
  }
  if (role === 'sample' && table.format !== 'csv') {
    throw new TaskProblem(
      `Sample ${file} is no CSV or TSV file, and predictions are compared with those alone; write it as one.`,
    );
  }
  return table;
}

async function findGiven(
  request: TaskRequest,
  dataDirectory: string,
  { role, given }: { readonly role: FileRole; readonly given: NonNullable<TaskFile[FileRole]> },
): Promise<string> {
  for (const start of [dataDirectory, request.directory]) {
    const relative = path.relative(dataDirectory, path.resolve(start, given));
    if (relative.startsWith('..') || path.isAbsolute(relative)) continue;
    if ((await lookAt(path.join(dataDirectory, relative))).ok) return relative.split(path.sep).join('/');
  }
  const names = await visibleNames(dataDirectory);
  const there = names.length === 0 ? 'nothing' : names.slice(0, 10).join(', ');
  throw new TaskProblem(
    `${request.nameSetting(role)} names ${given}, which is not in ${dataDirectory}; there is ${there}` +
      `${names.length > 10 ? ` and ${names.length - 10} more` : ''}. Correct the name or add the file.`,
  );
}

async function findByName(
  dataDirectory: string,
  role: FileRole,
): Promise<{ readonly name: string; readonly reason: string } | null> {
  const names = (await visibleNames(dataDirectory)).filter((name) => isTableName(name) || isZipName(name));
  const usual = await firstUsual(dataDirectory, names, role);
  if (usual !== null) return { name: usual, reason: 'by its name' };
  const [only] = names.filter(isTableName);
  if (role !== 'train' || only === undefined || names.length > 1 || roleOf(only) !== null) return null;
  return { name: only, reason: ONLY_TABLE };
}

async function firstUsual(directory: string, names: readonly string[], role: FileRole): Promise<string | null> {
  const ranked = names
    .map((name) => ({ name, rank: USUAL_STEMS[role].indexOf(bareStem(name)) }))
    .filter(({ rank }) => rank !== -1)
    // What lies there unpacked, too, is taken so.
    .sort((left, right) => left.rank - right.rank || packing(left.name) - packing(right.name));
  for (const { name } of ranked) {
    if (!isZipName(name)) return name;
    const tables = await tablesIn(path.join(directory, name)).catch(() => []);
    if (tables.length === 1) return name;
  }
  return null;
}

function packing(name: string): number {
  return isZipName(name) ? 2 : /\.gz$/i.test(name) ? 1 : 0;
}

function roleOf(name: string): FileRole | null {
  const roles: readonly FileRole[] = ['train', 'test', 'sample'];
  return roles.find((role) => USUAL_STEMS[role].includes(bareStem(name))) ?? null;
}

function bareStem(name: string): string {
  return tableStem(name)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

async function visibleNames(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
}

function unusable(file: string, problem: string): TaskProblem {
  return new TaskProblem(`Data file ${file} ${problem}; make it readable or move it away.`);
}
