import { processFileSchema, type ProcessFile } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { readAttemptFile, type AttemptFile } from './attempt-file';
import {
  controlDirectory,
  listAttempts,
  listLocalRuns,
  listRunAttempts,
  tokenPrefix,
  type FoundAttempt,
  type ScriptName,
} from './attempts';
import { endTree } from './process-tree';
import { endAttempt } from './remove-attempt';
import { readSupervision, type Supervision } from './supervised-script';
import type { WatchedScripts } from './watched-scripts';

/** An attempt with what its control directory says of it. */
export interface KnownAttempt extends FoundAttempt {
  readonly file: AttemptFile;
}

/** This host, and what its workers keep where. */
export interface Host {
  readonly home: string;
  readonly hostId: string;
}

/**
 * What became of a script's attempts on this host.
 *
 * - `alive`: one runs, or has ended by itself and its result was not stored yet
 * - `lost`: the supervisor of the current one was killed, and the script with it
 * - `none`: there is nothing to go on with
 */
export type Survivor = { readonly kind: 'alive' | 'lost'; readonly attempt: KnownAttempt } | { readonly kind: 'none' };

/**
 * Looks for an attempt of this code that another watcher, or none, was watching.
 *
 * @param current the script's stored `process.json`, whose attempt is preferred; it may lie under another home
 */
export async function findSurvivor(
  host: Host,
  script: ScriptName,
  codeHash: string,
  current: ProcessFile | null,
): Promise<Survivor> {
  const attempts = await knownAttempts(host, script, current);
  let lost: KnownAttempt | null = null;
  for (const attempt of attempts.filter(({ file }) => file.codeHash === codeHash)) {
    const supervision = await readSupervision(controlDirectory(attempt.directory));
    if (supervision.status === 'running') return { kind: 'alive', attempt };
    // A script that was stopped on purpose has no result; its attempt begins anew.
    if (supervision.status === 'ended' && supervision.result.end !== 'stopped') return { kind: 'alive', attempt };
    if (supervision.status === 'lost' && attempt.file.token === current?.token) lost = attempt;
  }
  return lost === null ? { kind: 'none' } : { kind: 'lost', attempt: lost };
}

/** An attempt with where its script stands. */
export interface SupervisedAttempt extends KnownAttempt {
  readonly status: Supervision['status'];
}

/** Every attempt below this home that was made ready for its supervisor. */
export async function listSupervised(home: string): Promise<SupervisedAttempt[]> {
  const supervised: SupervisedAttempt[] = [];
  for (const runId of await listLocalRuns(home)) {
    for (const attempt of await listRunAttempts(home, runId)) {
      const file = await readAttemptFile(attempt.directory);
      if (file === null) continue;
      const { status } = await readSupervision(controlDirectory(attempt.directory));
      supervised.push({ ...attempt, file, status });
    }
  }
  return supervised;
}

/**
 * Ends what earlier attempts of a script left running on this host, removes it, and returns when it is gone. Scripts of
 * another host, and strangers that meanwhile got a pid of ours, are not touched.
 *
 * @param current the script's stored `process.json`
 * @param except directory of an attempt that stays
 */
export async function endAttempts(
  host: Host,
  script: ScriptName,
  current: ProcessFile | null,
  except: string | null = null,
): Promise<void> {
  for (const attempt of await listAttempts(host.home, script)) {
    if (attempt.directory !== except) await endAttempt(attempt);
  }
  if (current?.hostId === host.hostId && current.directory !== except) {
    if ((await readAttemptFile(current.directory)) !== null) await endAttempt(current);
    await endTree(current.token);
  }
  // An attempt whose worker was killed before it could note anything down is known by its token alone.
  await endTree(tokenPrefix(host.home, script));
}

/**
 * Ends what runs on this host of a run that is over: no later attempt will. Only nodes without a record can have a
 * script under another home.
 */
export async function endScriptsOfRun(store: ArtifactStore, host: Host, runId: string): Promise<void> {
  for (const attempt of await listRunAttempts(host.home, runId)) await endAttempt(attempt);
  for (const nodeId of await listNodeIds(store, runId)) {
    const keys = runKeys(runId).node(nodeId);
    if (await store.exists(keys.record)) continue;
    const current = await readJson(store, keys.process, processFileSchema);
    await endAttempts(host, { runId, nodeId, variant: 'node' }, current);
  }
}

async function knownAttempts(host: Host, script: ScriptName, current: ProcessFile | null): Promise<KnownAttempt[]> {
  const attempts = await listAttempts(host.home, script);
  const own = attempts.find(({ directory }) => directory === current?.directory);
  const elsewhere =
    current?.hostId === host.hostId && own === undefined
      ? [{ script, number: current.attempt, directory: current.directory }]
      : [];
  const ordered = [...elsewhere, ...(own === undefined ? [] : [own]), ...attempts.filter((attempt) => attempt !== own)];
  const known = await Promise.all(
    ordered.map(async (attempt) => ({ attempt, file: await readAttemptFile(attempt.directory) })),
  );
  return known.flatMap(({ attempt, file }) => (file === null ? [] : [{ ...attempt, file }]));
}

/** How many scripts run below this home that the process holds no permit of its worker for. */
export async function countOthers(home: string, watched: WatchedScripts): Promise<number> {
  const attempts = await listSupervised(home);
  return attempts.filter(({ status, file }) => status === 'running' && !watched.hasPermit(file.token)).length;
}
