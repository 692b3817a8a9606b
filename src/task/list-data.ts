import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Preview } from '../domain/preview';
import { walkFiles } from './file-tree';
import { FolderCounts } from './folder-preview';
import type { PreviewLimits } from './preview-limits';
import { isTableName, isZipName, tablesIn } from './table-file';
import type { TableFile } from './table-file';
import { pathProblem } from './task-problem';
import { listZip } from './zip-file';

/** Entries of a zip that are named. */
const ENTRIES_SHOWN = 20;

/** What a preview must not leave out, however much else there is. */
export interface PreviewFocus {
  /** Paths of tables below the data directory. */
  readonly tables: readonly string[];
  /** Columns, in any table. */
  readonly columns: readonly string[];
}

/** A table that is to be described. */
export interface FoundTable {
  /** Of its file, below the data directory. */
  readonly path: string;
  readonly bytes: number;
  readonly file: TableFile;
}

/** What lies in a data directory, before any table is read. */
export interface DataListing extends Pick<Preview, 'files' | 'filesLeftOut' | 'folders' | 'archives' | 'problems'> {
  readonly tables: readonly FoundTable[];
}

interface FoundFile {
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
}

/** @throws the system's error when the directory itself cannot be listed */
export async function listData(
  dataDirectory: string,
  focus: PreviewFocus,
  limits: PreviewLimits,
): Promise<DataListing> {
  const { files, holders, problems, folders, walked } = await walk(dataDirectory, limits);
  const isFocus = (file: FoundFile): boolean => focus.tables.includes(file.path);
  const ranked = [...holders.filter(isFocus), ...holders.filter((file) => !isFocus(file))];
  const tables: FoundTable[] = [];
  const archives: Preview['archives'] = [];
  const leftOut: string[] = [];
  for (const file of ranked) {
    if (tables.length >= limits.tables) {
      if (isTableName(file.path)) leftOut.push(file.path);
      continue;
    }
    try {
      if (isZipName(file.path)) archives.push(await archiveOf(file));
      const found = await tablesIn(file.absolute);
      const room = limits.tables - tables.length;
      tables.push(...found.slice(0, room).map((table) => ({ path: file.path, bytes: file.bytes, file: table })));
      leftOut.push(...found.slice(room).map(({ member }) => `${file.path}/${member ?? ''}`));
    } catch (error) {
      problems.push({ path: file.path, message: `it cannot be read: ${reasonOf(error)}` });
    }
  }
  const [first] = leftOut;
  if (first !== undefined) {
    const others = leftOut.length === 1 ? '' : ` and ${leftOut.length - 1} more tables`;
    problems.push({ path: first, message: `not described${others}: at most ${limits.tables} tables are` });
  }
  return {
    files: files.map((file) => ({ path: file.path, bytes: file.bytes })),
    filesLeftOut: walked - files.length,
    folders,
    archives,
    tables,
    problems,
  };
}

interface Walk {
  readonly files: readonly FoundFile[];
  /** Files that are tables, or may have some in them. */
  readonly holders: readonly FoundFile[];
  readonly problems: Preview['problems'];
  readonly folders: Preview['folders'];
  readonly walked: number;
}

async function walk(dataDirectory: string, limits: PreviewLimits): Promise<Walk> {
  const files: FoundFile[] = [];
  const holders: FoundFile[] = [];
  const problems: Preview['problems'] = [];
  const folders = new FolderCounts();
  let [walked, all] = [0, true];
  for await (const entry of walkFiles(path.resolve(dataDirectory))) {
    if (entry.kind === 'unreadable') {
      if (problems.length < limits.tables) problems.push({ path: entry.path, message: `it ${entry.problem}` });
      continue;
    }
    if (walked >= limits.filesWalked) {
      all = false;
      break;
    }
    walked++;
    folders.add(entry.path);
    const mayHoldTables = isTableName(entry.path) || isZipName(entry.path);
    if (files.length >= limits.files && !mayHoldTables) continue;
    const found = { path: entry.path, absolute: entry.absolute, bytes: await sizeOf(entry.absolute) };
    if (files.length < limits.files) files.push(found);
    if (mayHoldTables) holders.push(found);
  }
  return { files, holders, problems, folders: folders.describe(all), walked };
}

async function archiveOf(file: FoundFile): Promise<Preview['archives'][number]> {
  const { entries, leftOut } = await listZip(file.absolute);
  return {
    path: file.path,
    entries: entries.slice(0, ENTRIES_SHOWN).map((entry) => ({ path: entry.path.slice(0, 200), bytes: entry.bytes })),
    entriesLeftOut: Math.max(0, entries.length - ENTRIES_SHOWN) + leftOut,
  };
}

/** A file that goes away while the tree is walked counts as empty; reading it names the problem. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (pathProblem(error) === null) throw error;
    return 0;
  }
}

/** An error in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
