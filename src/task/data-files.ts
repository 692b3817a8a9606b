import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { TaskFile } from '../domain/task';
import { walkFiles } from './file-tree';
import { isTableName, readTableHead } from './table-header';
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

/** A file of the task, with its column names when it is a table. */
export interface DataFile {
  /** Path below the data directory, with forward slashes. */
  readonly path: string;
  readonly columns: readonly string[] | null;
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
 * The table of one role: as the task names it, else by its usual name, else null.
 *
 * @throws TaskProblem when the named file is missing, or the table has no header line
 */
export async function settleFile(
  request: TaskRequest,
  dataDirectory: string,
  role: FileRole,
): Promise<DataFile | null> {
  const given = request.settings[role];
  const found =
    given === undefined
      ? await findByUsualName(dataDirectory, role)
      : await findGiven(request, dataDirectory, { role, given });
  if (found === null) return null;
  const file = path.join(dataDirectory, found);
  const problem = await whyUnreadable(file);
  if (problem !== null) throw unusable(file, problem);
  if (!isTableName(found)) return { path: found, columns: null };
  const result = await readTableHead(file);
  if (!result.ok)
    throw new TaskProblem(`Data file ${file} is no table: ${result.message}; replace it or move it away.`);
  return { path: found, columns: result.head.columns };
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

async function findByUsualName(dataDirectory: string, role: FileRole): Promise<string | null> {
  const names = await visibleNames(dataDirectory);
  const ranked = names
    .filter(isTableName)
    .map((name) => ({ name, rank: USUAL_STEMS[role].indexOf(bareStem(name)) }))
    .filter(({ rank }) => rank !== -1)
    .sort((left, right) => left.rank - right.rank);
  return ranked[0]?.name ?? null;
}

function bareStem(name: string): string {
  return path
    .parse(name)
    .name.toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

async function visibleNames(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
}

function unusable(file: string, problem: string): TaskProblem {
  return new TaskProblem(`Data file ${file} ${problem}; make it readable or move it away.`);
}
