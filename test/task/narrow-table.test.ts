import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDbSession } from '../../src/task/duckdb-session';
import { QueryTimeout, withDuckDb } from '../../src/task/duckdb-session';
import { withNarrow } from '../../src/task/narrow-table';
import { DEFAULT_PREVIEW_LIMITS } from '../../src/task/preview-limits';
import type { TableHead } from '../../src/task/table-header';
import { DataDirectory } from './data-directory';

const COLUMNS = 50;
const ROWS = 200;
const LIMITS = { ...DEFAULT_PREVIEW_LIMITS, columns: 2, quickRows: 1000 };

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

interface Given {
  readonly lines: readonly string[] | null;
  readonly whole: boolean;
  readonly columnsLeftOut: number;
}

/** What of a wide table is described, when its first reading ends with `failure`. */
async function narrowedAfter(failure: Error | null): Promise<Given> {
  const columns = Array.from({ length: COLUMNS }, (_, index) => `c${index}`);
  const row = (number: number): string => Array.from({ length: COLUMNS }, (_, index) => number + index).join(',');
  const lines = [columns.join(','), ...Array.from({ length: ROWS }, (_, number) => row(number)), ''];
  const file = path.join(await data.write('wide', { 'train.csv': lines.join('\n') }), 'train.csv');
  const head: TableHead = { encoding: 'utf-8', byteOrderMark: false, delimiter: ',', columns, lineBytes: 200 };
  return withDuckDb([file], async (real) => {
    const source = { literal: real.literals[0] ?? '', bytes: 1, head, whole: true, importantColumns: ['c49'] };
    const session = failure === null ? real : failingOnce(real, failure);
    return withNarrow(session, source, LIMITS, performance.now() + 60_000, async (narrowed) => ({
      lines: narrowed.columnsLeftOut === 0 ? null : await linesOf(path.join(real.scratch, 'narrow.csv')),
      whole: narrowed.source.whole,
      columnsLeftOut: narrowed.columnsLeftOut,
    }));
  });
}

function failingOnce(session: DuckDbSession, failure: Error): DuckDbSession {
  let hasFailed = false;
  const query: DuckDbSession['query'] = (sql, milliseconds) => {
    if (hasFailed) return session.query(sql, milliseconds);
    hasFailed = true;
    return Promise.reject(failure);
  };
  return { ...session, query };
}

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n');
}

test('of a wide table the described columns alone are read again, every row of them', async () => {
  const { lines, ...given } = await narrowedAfter(null);
  expect(given).toEqual({ whole: true, columnsLeftOut: COLUMNS - LIMITS.columns });
  expect(lines).toHaveLength(ROWS + 1);
  expect(lines?.slice(0, 2)).toEqual(['c0,c49', '0,49']);
});

test('where that takes too long, the first rows are, and that is known', async () => {
  const { lines, ...given } = await narrowedAfter(new QueryTimeout());
  expect(given).toEqual({ whole: false, columnsLeftOut: COLUMNS - LIMITS.columns });
  const quickRows = (LIMITS.quickRows * LIMITS.columns) / COLUMNS;
  expect(lines).toHaveLength(quickRows + 1);
});

test('what cannot be read line by line is described as it is', async () => {
  expect(await narrowedAfter(new Error('Error when sniffing file'))).toEqual({
    lines: null,
    whole: true,
    columnsLeftOut: 0,
  });
});
