import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../store/store-error';

/** A number and a fresh directory that no other attempt of the node on this host has. */
export interface Attempt {
  readonly number: number;
  readonly directory: string;
}

/**
 * Takes the next attempt of a node: one more than every earlier one known from its directories on this host and from
 * `storedAttempt`, the number in its stored `process.json` (0 for none).
 */
export async function claimAttempt(
  home: string,
  runId: string,
  nodeId: number,
  storedAttempt: number,
): Promise<Attempt> {
  const parent = runDirectory(home, runId);
  await mkdir(parent, { recursive: true });
  let number = Math.max(storedAttempt, await highestAttempt(home, runId, nodeId)) + 1;
  for (;;) {
    const directory = path.join(parent, `${nodeId}-${number}`);
    try {
      await mkdir(directory);
      return { number, directory };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      number += 1;
    }
  }
}

/** The highest attempt of the node that has a directory on this host; 0 for none. */
export async function highestAttempt(home: string, runId: string, nodeId: number): Promise<number> {
  const entries = await attemptEntries(home, runId, nodeId);
  return Math.max(0, ...entries.map((entry) => entry.attempt));
}

/** File next to an attempt's directory that holds the output so far while the script runs. */
export function liveOutputPath(attemptDirectory: string): string {
  return `${attemptDirectory}.log`;
}

/**
 * A random token whose beginning names the node, so that a later attempt finds a process also when its starter was
 * killed before it could note it down.
 */
export function newToken(home: string, runId: string, nodeId: number): string {
  return tokenPrefix(home, runId, nodeId) + randomUUID();
}

export function tokenPrefix(home: string, runId: string, nodeId: number): string {
  const name = JSON.stringify([path.resolve(home), runId, nodeId]);
  return `${createHash('sha256').update(name).digest('hex').slice(0, 24)}-`;
}

/** Removes the working directories of a node on this host; those of attempts below `before` only when it is given. */
export async function removeAttempts(home: string, runId: string, nodeId: number, before = Infinity): Promise<void> {
  for (const entry of await attemptEntries(home, runId, nodeId)) {
    if (entry.attempt < before) await removeTree(path.join(runDirectory(home, runId), entry.name));
  }
}

/** Removes everything that a run keeps on this host for its scripts, the copy of its input included. */
export async function removeRunDirectory(home: string, runId: string): Promise<void> {
  await removeTree(runDirectory(home, runId));
}

export function runDirectory(home: string, runId: string): string {
  return path.join(home, 'work', runId);
}

/** Removes a file or directory also when scripts left directories in it that cannot be written. */
export async function removeTree(target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM') throw error;
    await makeRemovable(target);
    await rm(target, { recursive: true, force: true });
  }
}

async function makeRemovable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeRemovable(path.join(directory, entry.name));
  }
}

async function attemptEntries(
  home: string,
  runId: string,
  nodeId: number,
): Promise<{ readonly name: string; readonly attempt: number }[]> {
  const names = await readdir(runDirectory(home, runId)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => {
    const match = /^(\d+)-(\d+)(\.log(\.next)?)?$/.exec(name);
    return match !== null && Number(match[1]) === nodeId ? [{ name, attempt: Number(match[2]) }] : [];
  });
}
