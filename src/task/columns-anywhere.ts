import { walkFiles } from './file-tree';
import { columnsOf } from './table-columns';
import { tablesIn } from './table-file';
import type { TableFile } from './table-file';
import { meantColumns } from './task-columns';
import type { TaskTables } from './task-columns';
import type { TaskRequest } from './task-file';
import { TaskProblem } from './task-problem';

/** Files looked for, and tables opened, before it counts as unknown what the others have. */
const FILES_WALKED = 200_000;
const TABLES_OPENED = 100;

const TABLES_NAMED = 3;

interface Named {
  readonly key: 'target' | 'id';
  readonly name: string;
}

interface OpenedTable {
  readonly path: string;
  /** Null where they cannot be read: nobody can say what such a table has. */
  readonly columns: readonly string[] | null;
}

/**
 * Where no table was taken for the one that has a given target or id, it has to stand in some table of the data. Where
 * one of them cannot be read, or there is none at all, the owner of the task is believed.
 *
 * @throws TaskProblem when every table can be read and none has it
 */
export async function requireColumnsAnywhere(
  request: TaskRequest,
  dataDirectory: string,
  tables: TaskTables,
): Promise<void> {
  let missing = givenWithoutTable(request, tables);
  const opened: { readonly path: string; readonly columns: readonly string[] }[] = [];
  if (missing.length === 0) return;
  for await (const { path, columns } of tablesBelow(dataDirectory)) {
    if (columns === null) return;
    opened.push({ path, columns });
    missing = missing.filter(({ name }) => !columns.includes(name));
    if (missing.length === 0) return;
  }
  const [first] = missing;
  if (first === undefined || opened.length === 0) return;
  const all = [...new Set(opened.flatMap(({ columns }) => columns))];
  throw new TaskProblem(
    `${request.nameSetting(first.key)} names ${first.name}, which is no column of ` +
      `${inWords(opened.map(({ path }) => path))}; ${meantColumns(first.name, all, 'their')} ` +
      `Correct the name, or give the file to learn from by ${request.nameSetting('train')}.`,
  );
}

function givenWithoutTable({ settings }: TaskRequest, { train, test, sample }: TaskTables): readonly Named[] {
  const { target, id } = settings;
  return [
    ...(target === undefined || train !== null ? [] : [{ key: 'target', name: target } as const]),
    ...(id === undefined || (sample ?? test ?? train) !== null ? [] : [{ key: 'id', name: id } as const]),
  ];
}

/** Ends with a table without columns where something cannot be looked at. */
async function* tablesBelow(dataDirectory: string): AsyncGenerator<OpenedTable> {
  let [walked, opened] = [0, 0];
  for await (const entry of walkFiles(dataDirectory)) {
    walked++;
    const found = entry.kind === 'file' && walked <= FILES_WALKED ? await tablesOf(entry.absolute) : null;
    if (found === null) {
      yield { path: entry.path, columns: null };
      return;
    }
    for (const table of found) {
      const path = table.member === null ? entry.path : `${entry.path}/${table.member}`;
      opened++;
      const result = opened <= TABLES_OPENED ? await columnsOf(table) : null;
      yield { path, columns: result?.ok ? result.columns : null };
    }
  }
}

/** Null where a zip cannot be opened. */
async function tablesOf(file: string): Promise<readonly TableFile[] | null> {
  try {
    return await tablesIn(file);
  } catch {
    return null;
  }
}

function inWords(paths: readonly string[]): string {
  const more = paths.length - TABLES_NAMED;
  if (more > 0) return `${paths.slice(0, TABLES_NAMED).join(', ')} or ${more} more table${more === 1 ? '' : 's'}`;
  return [paths.slice(0, -1).join(', '), paths.at(-1) ?? ''].filter((part) => part !== '').join(' or ');
}
