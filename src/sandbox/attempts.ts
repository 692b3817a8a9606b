import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { scriptVariantSchema, type ScriptVariant } from '../domain/script-variant';
import { errorCode } from '../store/store-error';
import { SUPERVISOR_OUTPUT } from './supervisor-files';

/** Which script of which run: a node's own, or one of its further runs. */
export interface ScriptName {
  readonly runId: string;
  readonly nodeId: number;
  readonly variant: ScriptVariant;
}

/** A number and a directory that no other attempt of the script on this host has. */
export interface Attempt {
  readonly number: number;
  readonly directory: string;
}

/** An attempt that left something on this host. */
export interface FoundAttempt extends Attempt {
  readonly script: ScriptName;
}

/** Ends of the names of what an attempt has beside its directory. */
const CONTROL_ENDING = '.ctl';
const LEAVING_ENDING = '.ctl.gone';

/**
 * Takes the next attempt of a script: one more than every earlier one known from its directories on this host and from
 * `storedAttempt`, the number in its stored `process.json` (0 for none).
 */
export async function claimAttempt(home: string, script: ScriptName, storedAttempt: number): Promise<Attempt> {
  const parent = runDirectory(home, script.runId);
  await mkdir(parent, { recursive: true });
  const known = await listAttempts(home, script);
  let number = Math.max(storedAttempt, ...known.map((attempt) => attempt.number)) + 1;
  for (;;) {
    const directory = path.join(parent, `${scriptLabel(script)}-${number}`);
    try {
      await mkdir(directory);
      return { number, directory };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      number += 1;
    }
  }
}

/** The attempts of a script on this host, the newest first. */
export async function listAttempts(home: string, script: ScriptName): Promise<FoundAttempt[]> {
  const attempts = await listRunAttempts(home, script.runId);
  return attempts.filter(({ script: found }) => scriptLabel(found) === scriptLabel(script));
}

/** The attempts of all scripts of a run on this host, the newest first. */
export async function listRunAttempts(home: string, runId: string): Promise<FoundAttempt[]> {
  const found = new Map<string, FoundAttempt>();
  for (const name of await namesIn(runDirectory(home, runId))) {
    const attempt = parseName(home, runId, name);
    if (attempt !== null) found.set(attempt.directory, attempt);
  }
  return [...found.values()].sort((one, other) => other.number - one.number);
}

/** The runs that keep something on this host. */
export async function listLocalRuns(home: string): Promise<string[]> {
  return namesIn(path.join(home, 'work'));
}

/** Directory beside an attempt's own by which its supervisor and its watchers talk; the script never sees it. */
export function controlDirectory(attemptDirectory: string): string {
  return attemptDirectory + CONTROL_ENDING;
}

/** What the control directory is called while the attempt is being removed: a supervisor just starting finds none. */
export function leavingDirectory(attemptDirectory: string): string {
  return attemptDirectory + LEAVING_ENDING;
}

/** File that holds the output so far while the script runs. */
export function liveOutputPath(attemptDirectory: string): string {
  return path.join(controlDirectory(attemptDirectory), SUPERVISOR_OUTPUT);
}

/**
 * A random token whose beginning names the script, so that a later attempt finds a process also when its starter was
 * killed before it could note it down.
 */
export function newToken(home: string, script: ScriptName): string {
  return tokenPrefix(home, script) + randomUUID();
}

export function tokenPrefix(home: string, script: ScriptName): string {
  const name = JSON.stringify([path.resolve(home), script.runId, scriptLabel(script)]);
  return `${createHash('sha256').update(name).digest('hex').slice(0, 24)}-`;
}

export function runDirectory(home: string, runId: string): string {
  return path.join(home, 'work', runId);
}

/** Removes everything that a run keeps on this host for its scripts, the copy of its input included. */
export async function removeRunDirectory(home: string, runId: string): Promise<void> {
  await removeTree(runDirectory(home, runId));
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

function scriptLabel({ nodeId, variant }: ScriptName): string {
  return variant === 'node' ? String(nodeId) : `${nodeId}.${variant}`;
}

function parseName(home: string, runId: string, name: string): FoundAttempt | null {
  const [, node, variantName, number] = /^(\d+)(?:\.([a-z]+(?:-\d+)?))?-(\d+)(?:\.ctl(?:\.gone)?)?$/.exec(name) ?? [];
  const variant = scriptVariantSchema.safeParse(variantName ?? 'node');
  if (node === undefined || number === undefined || !variant.success) return null;
  const script: ScriptName = { runId, nodeId: Number(node), variant: variant.data };
  const directory = path.join(runDirectory(home, runId), `${scriptLabel(script)}-${number}`);
  return { number: Number(number), directory, script };
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
}
