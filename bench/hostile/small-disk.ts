import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const MEGABYTES = 256;

/** Whether this process may mount a small disk. */
export async function canMount(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  try {
    await mount(directory);
  } catch {
    return false;
  }
  await unmount(directory);
  return true;
}

/** Lets `body` work while `directory` is a disk of its own of 256 MB. */
export async function onSmallDisk<Result>(directory: string, body: () => Promise<Result>): Promise<Result> {
  await mkdir(directory, { recursive: true });
  await mount(directory);
  try {
    return await body();
  } finally {
    await unmount(directory);
  }
}

async function mount(directory: string): Promise<void> {
  await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'coppice-bench', directory]);
}

/** Lazily: a run that goes on after a failed check must not keep the mount for ever. */
async function unmount(directory: string): Promise<void> {
  await promisify(execFile)('umount', ['--lazy', directory]);
}
