import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { QueryTimeout } from './duckdb-session';
import type { DuckDbSession } from './duckdb-session';
import type { PreviewLimits } from './preview-limits';
import type { TableHead } from './table-header';
import { narrowSql } from './table-sql';

/** Share of the time that one reading of the whole table may take. */
const NARROWING_SHARE = 0.5;

/** Fewest rows that are read of a table that takes too long. */
const LEAST_ROWS = 20;

/** What is narrowed: a text with separators in UTF-8, or anything else. */
export interface WideSource {
  /** SQL literal of the text. */
  readonly literal: string;
  readonly bytes: number;
  /** Null for what is no text with separators. */
  readonly head: TableHead | null;
  readonly whole: boolean;
  readonly importantColumns: readonly string[];
}

/** The same source with fewer columns, and how many it lacks. */
export interface Narrowed<Source> {
  readonly source: Source;
  readonly columnsLeftOut: number;
}

/**
 * Gives `use` a table with no more columns than are described. Of a wider text those are first written to the session's
 * scratch directory, every cell as it stands: for every query the database finds out anew what each column of a text
 * holds, and with ten thousand of them that takes ten times as long as reading them. What cannot be read line by line,
 * and what is no text, is given as it is.
 *
 * @param deadline in milliseconds of `performance.now()`
 * @throws QueryTimeout when even the first rows take too long
 */
export async function withNarrow<Source extends WideSource, T>(
  session: DuckDbSession,
  source: Source,
  limits: PreviewLimits,
  deadline: number,
  use: (narrowed: Narrowed<Source>) => Promise<T>,
): Promise<T> {
  const { head } = source;
  if (head === null || head.columns.length <= limits.columns) return use({ source, columnsLeftOut: 0 });
  const positions = chooseColumns(head.columns, source.importantColumns, limits.columns);
  const target = path.join(session.scratch, 'narrow.csv');
  try {
    const isWhole = await writeNarrow(session, { source, head, positions, target }, limits, deadline);
    if (isWhole === null) return await use({ source, columnsLeftOut: 0 });
    const { size: bytes } = await stat(target);
    const columns = positions.flatMap((position) => head.columns[position] ?? []);
    const narrow = { ...source, literal: `'${target.replaceAll("'", "''")}'`, bytes, whole: source.whole && isWhole };
    const columnsLeftOut = head.columns.length - columns.length;
    return await use({ source: { ...narrow, head: { ...head, columns } }, columnsLeftOut });
  } finally {
    await rm(target, { force: true });
  }
}

interface Writing {
  readonly source: WideSource;
  readonly head: TableHead;
  readonly positions: readonly number[];
  readonly target: string;
}

/** Whether all rows were written; null when the text cannot be read this way. */
async function writeNarrow(
  session: DuckDbSession,
  { source, head, positions, target }: Writing,
  limits: PreviewLimits,
  deadline: number,
): Promise<boolean | null> {
  const { delimiter, columns } = head;
  const narrow = { file: source.literal, delimiter, columns: columns.length, positions, target };
  const left = (): number => Math.max(0, deadline - performance.now());
  try {
    await session.query(narrowSql({ ...narrow, rows: null }), left() * NARROWING_SHARE);
    return true;
  } catch (error) {
    if (!(error instanceof QueryTimeout)) return null;
  }
  const rows = Math.max(LEAST_ROWS, Math.floor((limits.quickRows * limits.columns) / columns.length));
  await session.query(narrowSql({ ...narrow, rows }), left());
  return false;
}

/** Positions to describe: the first ones, and the important ones wherever they are. */
export function chooseColumns(names: readonly string[], important: readonly string[], most: number): readonly number[] {
  const positions = names.map((_, position) => position);
  if (names.length <= most) return positions;
  const kept = positions.filter((position) => important.includes(names[position] ?? '')).slice(0, most);
  const others = positions.filter((position) => !kept.includes(position)).slice(0, most - kept.length);
  return [...kept, ...others].sort((left, right) => left - right);
}
