import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../store/store-error';

/** A file that a script left, opened, or why it cannot be used. */
export type OpenedFile =
  | { readonly status: 'open'; readonly handle: FileHandle; readonly bytes: number }
  | { readonly status: 'missing' }
  | { readonly status: 'unusable'; readonly problem: string };

/**
 * Opens a file that a script was to write below its directory. Whatever else lies there (a link, a pipe, a directory
 * that leads elsewhere) is refused and never followed or waited for.
 */
export async function openInside(directory: string, relativePath: string): Promise<OpenedFile> {
  const file = path.join(directory, relativePath);
  try {
    const parent = await realpath(path.dirname(file));
    if (parent !== path.join(await realpath(directory), path.dirname(relativePath))) {
      return { status: 'unusable', problem: 'lies behind a symbolic link' };
    }
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = await handle.stat();
    if (status.isFile()) return { status: 'open', handle, bytes: status.size };
    await handle.close();
    return { status: 'unusable', problem: 'is not a regular file' };
  } catch (error) {
    return toProblem(error);
  }
}

function toProblem(error: unknown): OpenedFile {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { status: 'missing' };
  if (code === 'ELOOP') return { status: 'unusable', problem: 'is a symbolic link' };
  if (code === 'EACCES' || code === 'EPERM') return { status: 'unusable', problem: 'cannot be read (permissions)' };
  if (code === 'ENXIO' || code === 'EISDIR') return { status: 'unusable', problem: 'is not a regular file' };
  throw error;
}
