import { writeFile } from 'node:fs/promises';
import { QueryTimeout, withDuckDb } from '../../src/task/duckdb-session';
import type { DuckDbSession } from '../../src/task/duckdb-session';
import { DEFAULT_PREVIEW_LIMITS } from '../../src/task/preview-limits';
import { readTableHead } from '../../src/task/table-header';
import { describeTable } from '../../src/task/table-preview';
import { DataDirectory } from './data-directory';

const PLENTY = 30_000;

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
  await data.write('.', { 'mine.csv': 'a,b\n1,2\n', 'other.csv': 'a,b\n3,4\n' });
});

afterAll(() => data.remove());

test('a session reads its own tables and nothing else, and that cannot be undone', async () => {
  await withDuckDb([data.at('mine.csv')], async ({ literals, query }) => {
    expect(await query(`SELECT a FROM read_csv(${literals[0]!})`, PLENTY)).toEqual([['1']]);
    for (const forbidden of [
      `SELECT * FROM read_csv('${data.at('other.csv')}')`,
      `SELECT * FROM read_csv('${data.at('*.csv')}')`,
      `COPY (SELECT 1) TO '${data.at('mine.csv')}.copy'`,
      `ATTACH '${data.at('made.db')}'`,
      'INSTALL httpfs',
    ]) {
      await expect(query(forbidden, PLENTY)).rejects.toThrow('disabled');
    }
    await expect(query('SET enable_external_access = true', PLENTY)).rejects.toThrow();
    await expect(query('SET autoload_known_extensions = true', PLENTY)).rejects.toThrow('locked');
  });
});

test('a query whose time is up ends, and the session goes on', async () => {
  await withDuckDb([], async ({ query }) => {
    const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b';
    await expect(query(endless, 50)).rejects.toThrow(QueryTimeout);
    expect(await query('SELECT 1', PLENTY)).toEqual([[1]]);
  });
});

test('when a whole table takes too long its first rows are described', async () => {
  await writeFile(data.at('long.csv'), `a,b\n${'1,2\n'.repeat(100)}`);
  const file = { absolute: data.at('long.csv'), format: 'csv', compression: null, member: null } as const;
  const result = await readTableHead(file);
  if (!result.ok) throw new Error(result.message);
  const { head } = result;
  await withDuckDb([data.at('long.csv')], async (session) => {
    const query: DuckDbSession['query'] = (sql, milliseconds) =>
      sql.includes('count(*)') && !sql.includes('LIMIT 7')
        ? Promise.reject(new QueryTimeout())
        : session.query(sql, milliseconds);
    const source = {
      path: 'long.csv',
      file,
      literal: session.literals[0]!,
      bytes: 404,
      head,
      whole: true,
      rowLimit: null,
      rowsEstimated: () => null,
      importantColumns: [],
    };
    const limits = { ...DEFAULT_PREVIEW_LIMITS, quickRows: 7 };
    const { table } = await describeTable({ ...session, query }, source, limits, performance.now() + PLENTY);
    expect(table).toMatchObject({ rows: 7, rowsExact: false });
  });
});
