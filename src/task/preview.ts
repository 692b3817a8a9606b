import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Preview } from '../domain/preview';
import { withDuckDb } from './duckdb-session';
import type { DuckDbSession } from './duckdb-session';
import { walkFiles } from './file-tree';
import { DEFAULT_PREVIEW_LIMITS } from './preview-limits';
import type { PreviewLimits } from './preview-limits';
import { isTableName, readTableHead } from './table-header';
import type { TableHead } from './table-header';
import { describeTable } from './table-preview';
import { pathProblem } from './task-problem';

/** What a preview must not leave out, however much else there is. */
export interface PreviewFocus {
  /** Paths of tables below the data directory. */
  readonly tables: readonly string[];
  /** Columns, in any table. */
  readonly columns: readonly string[];
}

interface Listing {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly filesLeftOut: number;
  readonly tables: readonly FoundFile[];
  readonly problems: readonly Problem[];
}

interface FoundFile {
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
}

interface ReadableTable extends FoundFile {
  readonly head: TableHead;
}

type Problem = Preview['problems'][number];

/**
 * Looks at a data directory: which files there are and, for CSV and TSV, what is in their columns. What cannot be read
 * is named among the problems. Bounded in time, memory and size of the result by the limits; the same files give the
 * same preview as long as no time-out is met.
 *
 * @throws the system's error when the directory itself cannot be listed
 */
export async function previewData(
  dataDirectory: string,
  focus: PreviewFocus = { tables: [], columns: [] },
  limits: PreviewLimits = DEFAULT_PREVIEW_LIMITS,
): Promise<Preview> {
  const deadline = performance.now() + limits.totalMilliseconds;
  const listing = await listFiles(dataDirectory, focus, limits);
  const readable: ReadableTable[] = [];
  const problems: Problem[] = [...listing.problems];
  for (const table of listing.tables) {
    const result = await readHead(table.absolute);
    if (result.ok) readable.push({ ...table, head: result.head });
    else problems.push({ path: table.path, message: result.message });
  }
  const described = await withDuckDb(
    readable.map(({ absolute }) => absolute),
    (session) => describeAll({ session, focus, limits, deadline }, readable),
  );
  return {
    files: [...listing.files],
    filesLeftOut: listing.filesLeftOut,
    tables: described.tables,
    problems: [...problems, ...described.problems],
  };
}

async function listFiles(dataDirectory: string, focus: PreviewFocus, limits: PreviewLimits): Promise<Listing> {
  const files: FoundFile[] = [];
  const tables: FoundFile[] = [];
  const problems: Problem[] = [];
  let walked = 0;
  for await (const entry of walkFiles(path.resolve(dataDirectory))) {
    if (entry.kind === 'unreadable') {
      if (problems.length < limits.tables) problems.push({ path: entry.path, message: `it ${entry.problem}` });
      continue;
    }
    walked++;
    if (walked > limits.filesWalked) break;
    const isTable = isTableName(entry.path);
    if (files.length >= limits.files && !isTable) continue;
    const found = { path: entry.path, absolute: entry.absolute, bytes: await sizeOf(entry.absolute) };
    if (files.length < limits.files) files.push(found);
    if (isTable) tables.push(found);
  }
  const ranked = [...tables.filter(isFocus), ...tables.filter((table) => !isFocus(table))];
  const leftOut = ranked.slice(limits.tables);
  const [first] = leftOut;
  if (first !== undefined) {
    const others = leftOut.length === 1 ? '' : ` and ${leftOut.length - 1} more tables`;
    problems.push({ path: first.path, message: `not described${others}: at most ${limits.tables} tables are` });
  }
  return {
    files: files.map((file) => ({ path: file.path, bytes: file.bytes })),
    filesLeftOut: walked - files.length,
    tables: ranked.slice(0, limits.tables),
    problems,
  };

  function isFocus(table: FoundFile): boolean {
    return focus.tables.includes(table.path);
  }
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

async function readHead(file: string): ReturnType<typeof readTableHead> {
  try {
    return await readTableHead(file);
  } catch (error) {
    return { ok: false, message: `it ${pathProblem(error) ?? `cannot be read: ${firstLine(error)}`}` };
  }
}

interface Surroundings {
  readonly session: DuckDbSession;
  readonly focus: PreviewFocus;
  readonly limits: PreviewLimits;
  /** In milliseconds of `performance.now()`. */
  readonly deadline: number;
}

async function describeAll(
  { session, focus, limits, deadline }: Surroundings,
  tables: readonly ReadableTable[],
): Promise<Pick<Preview, 'tables' | 'problems'>> {
  const described: Pick<Preview, 'tables' | 'problems'> = { tables: [], problems: [] };
  let wholeBytes = 0;
  for (const [index, table] of tables.entries()) {
    const { bytes, head } = table;
    const whole = bytes <= limits.wholeTableBytes && wholeBytes + bytes <= limits.wholeBytesTogether;
    if (whole) wholeBytes += bytes;
    const source = {
      path: table.path,
      bytes,
      head,
      whole,
      literal: session.literals[index] ?? '',
      importantColumns: focus.columns,
    };
    const end = Math.min(deadline, performance.now() + limits.tableMilliseconds);
    try {
      const found = await describeTable(session, source, limits, end);
      described.tables.push(found.table);
      if (found.note !== null) described.problems.push({ path: table.path, message: found.note });
    } catch (error) {
      const reason = firstLine(error).replaceAll(source.literal.slice(1, -1), table.path);
      described.problems.push({ path: table.path, message: `it cannot be read: ${reason}` });
    }
  }
  return described;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
