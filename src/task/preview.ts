import type { Preview } from '../domain/preview';
import { withDuckDb } from './duckdb-session';
import type { DuckDbSession } from './duckdb-session';
import { jsonShape } from './json-shape';
import { listData, reasonOf } from './list-data';
import type { FoundTable, PreviewFocus } from './list-data';
import { withNarrow } from './narrow-table';
import { withPrepared } from './prepare-table';
import { DEFAULT_PREVIEW_LIMITS } from './preview-limits';
import type { PreviewLimits } from './preview-limits';
import { nameOf, sharedKeys } from './shared-keys';
import { readTableHead } from './table-header';
import type { TableHead } from './table-header';
import { describeTable } from './table-preview';
import type { DescribedTable } from './table-preview';
import { pathProblem } from './task-problem';

/** A table whose first bytes are known to be those of a table. */
interface KnownTable extends FoundTable {
  /** Null for what is no text with separators. */
  readonly head: TableHead | null;
}

type Problem = Preview['problems'][number];

/**
 * Looks at a data directory: which files there are, packed or not, and what is in the columns of tables. What cannot be
 * read is named among the problems. Bounded in time, memory, scratch space and size of the result by the limits: of
 * large tables only a sample is read. The same files give the same preview as long as no time-out is met.
 *
 * @throws the system's error when the directory itself cannot be listed
 */
export async function previewData(
  dataDirectory: string,
  focus: PreviewFocus = { tables: [], columns: [] },
  limits: PreviewLimits = DEFAULT_PREVIEW_LIMITS,
): Promise<Preview> {
  const deadline = performance.now() + limits.totalMilliseconds;
  const { tables, ...listing } = await listData(dataDirectory, focus, limits);
  const known: KnownTable[] = [];
  const problems: Problem[] = [...listing.problems];
  for (const table of tables) {
    const found = await lookInto(table, focus);
    if (found === null) continue;
    if (typeof found === 'string') problems.push({ path: placeOf(table), message: found });
    else known.push(found);
  }
  const described = await withDuckDb(
    known.map(({ file }) => file.absolute),
    (session) => describeAll({ session, focus, limits, deadline }, known),
  );
  return {
    ...listing,
    tables: described.tables,
    keys: sharedKeys(described.tables),
    problems: [...problems, ...described.problems],
  };
}

function placeOf({ path, file }: FoundTable): string {
  return nameOf({ path, member: file.member });
}

/** Null when it is no table, though its name is that of one; a text says what is wrong with it. */
async function lookInto(table: FoundTable, focus: PreviewFocus): Promise<KnownTable | string | null> {
  const { file } = table;
  try {
    if (file.format === 'csv') {
      const result = await readTableHead(file);
      return result.ok ? { ...table, head: result.head } : result.message;
    }
    if (file.format === 'json') {
      const shape = await jsonShape(file);
      if (shape !== 'other') return { ...table, file: { ...file, format: shape }, head: null };
      // Settings and the like come as JSON, too.
      return focus.tables.includes(table.path) ? 'it is no list of records' : null;
    }
    return { ...table, head: null };
  } catch (error) {
    return `it ${pathProblem(error) ?? `cannot be read: ${reasonOf(error)}`}`;
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
  surroundings: Surroundings,
  tables: readonly KnownTable[],
): Promise<Pick<Preview, 'tables' | 'problems'>> {
  const { session, limits } = surroundings;
  const described: Pick<Preview, 'tables' | 'problems'> = { tables: [], problems: [] };
  let wholeBytes = 0;
  for (const [index, table] of tables.entries()) {
    const small = table.bytes <= limits.wholeTableBytes && wholeBytes + table.bytes <= limits.wholeBytesTogether;
    if (small) wholeBytes += table.bytes;
    const literal = session.literals[index] ?? '';
    try {
      const found = await describeOne(surroundings, { ...table, literal, small });
      described.tables.push(found.table);
      if (found.note !== null) described.problems.push({ path: placeOf(table), message: found.note });
    } catch (error) {
      const reason = reasonOf(error).replaceAll(literal.slice(1, -1), table.path);
      described.problems.push({ path: placeOf(table), message: `it cannot be read: ${reason}` });
    }
  }
  return described;
}

async function describeOne(
  { session, focus, limits, deadline }: Surroundings,
  table: KnownTable & { readonly literal: string; readonly small: boolean },
): Promise<DescribedTable> {
  const end = Math.min(deadline, performance.now() + limits.tableMilliseconds);
  return withPrepared(session, table, limits, async (prepared) => {
    const wide = { path: table.path, head: table.head, ...prepared, importantColumns: focus.columns };
    return withNarrow(session, wide, limits, end, async ({ source, columnsLeftOut }) => {
      const { table: described, note } = await describeTable(session, source, limits, end);
      const { compression, member } = table.file;
      const left = described.columnsLeftOut + columnsLeftOut;
      return { table: { ...described, compression, member, columnsLeftOut: left }, note };
    });
  });
}
