import { access, rename } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { hasCode } from './error-code';
import { databaseFile } from './server-files';

/** SQLite's own files beside a database belong to it. */
const PARTS = ['', '-wal', '-shm'];

/**
 * Moves a database aside that no server ever became ready on. The server makes its tables in several steps and, when
 * it is killed in between, can never start on that file again; nobody has used what is in it.
 */
export async function setIncompleteDatabaseAside(home: string, temporalVersion: string): Promise<void> {
  const database = databaseFile(home, temporalVersion);
  if (await exists(completionMark(database))) return;
  for (const part of PARTS) await moveIfThere(`${database}${part}`, `${database}.incomplete${part}`);
}

/** Notes that a server has become ready on its database. */
export async function markDatabaseComplete(home: string, temporalVersion: string): Promise<void> {
  const mark = completionMark(databaseFile(home, temporalVersion));
  if (!(await exists(mark))) await writeFileAtomic(mark, '');
}

function completionMark(database: string): string {
  return `${database}.complete`;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}
