import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';

/** A query was ended because its time was up. */
export class QueryTimeout extends Error {
  constructor() {
    super('it takes too long');
    this.name = 'QueryTimeout';
  }
}

/** Queries over the tables that the session was opened for, and over nothing else. */
export interface DuckDbSession {
  /** SQL literals that stand for the tables in queries, in the order the tables were given in. */
  readonly literals: readonly string[];
  /** A directory whose files queries may read, too; removed with the session. */
  readonly scratch: string;
  /**
   * The rows of a query's result.
   *
   * @throws QueryTimeout when it takes longer than `milliseconds` (to within a tenth of a second), else the database's own error
   */
  readonly query: (sql: string, milliseconds: number) => Promise<readonly (readonly unknown[])[]>;
}

/** How often a running query's time is looked at, in milliseconds. */
const WATCH_INTERVAL = 50;

const rowsSchema = z.array(z.array(z.unknown()));

/**
 * Opens an in-memory database that can read the given files, and no other, and closes it when `use` is done.
 *
 * Queries name each file by a link with a plain name, since the database takes `*`, `[` or `key=value` in a path for
 * patterns of its own. One thread: sums and the order of equally frequent values then do not depend on timing.
 */
export async function withDuckDb<T>(files: readonly string[], use: (session: DuckDbSession) => Promise<T>): Promise<T> {
  const links = await realpath(await mkdtemp(path.join(tmpdir(), 'coppice-preview-')));
  try {
    const literals = await linkAll(files, links);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: '1GB',
      threads: '1',
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    try {
      const connection = await instance.connect();
      try {
        await confine(connection, links, await Promise.all(files.map((file) => realpath(file))));
        return await use({
          literals,
          scratch: links,
          query: (sql, milliseconds) => runQuery(connection, sql, milliseconds),
        });
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  } finally {
    await rm(links, { recursive: true, force: true });
  }
}

async function linkAll(files: readonly string[], directory: string): Promise<readonly string[]> {
  const links = files.map((_, index) => path.join(directory, `table-${index}`));
  await Promise.all(links.map((link, index) => symlink(files[index] ?? '', link)));
  return links.map(literal);
}

async function confine(connection: DuckDBConnection, directory: string, files: readonly string[]): Promise<void> {
  await connection.run(`SET allowed_directories = [${literal(`${directory}/`)}]`);
  await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

async function runQuery(
  connection: DuckDBConnection,
  sql: string,
  milliseconds: number,
): Promise<readonly (readonly unknown[])[]> {
  const end = performance.now() + milliseconds;
  const watch = { timedOut: false };
  // Again and again, for an interrupt that comes before the query has begun is lost.
  const timer = setInterval(() => {
    if (performance.now() < end) return;
    watch.timedOut = true;
    connection.interrupt();
  }, WATCH_INTERVAL);
  try {
    const reader = await connection.runAndReadAll(sql);
    return rowsSchema.parse(reader.getRowsJson());
  } catch (error) {
    throw watch.timedOut ? new QueryTimeout() : error;
  } finally {
    clearInterval(timer);
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
