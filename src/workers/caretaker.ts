import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainState } from '../activities/execute-step';
import { processFileSchema } from '../domain/node-record';
import { stateFileSchema } from '../domain/run-files';
import { listLocalRuns, listRunAttempts, removeRunDirectory } from '../sandbox/attempts';
import { endAttempt } from '../sandbox/remove-attempt';
import { listSupervised, type SupervisedAttempt } from '../sandbox/survivors';
import type { WatchedScripts } from '../sandbox/watched-scripts';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';

/** How often the caretaker looks, in milliseconds. */
const ROUND_MS = 3000;

export interface CaretakerDependencies {
  readonly store: ArtifactStore;
  readonly home: string;
  /** The scripts that this process watches: those are their watchers' to end. */
  readonly watched: WatchedScripts;
  readonly askChain: (workflowId: string) => Promise<ChainState | null>;
}

export interface Caretaker {
  /** Returns once nothing is being ended any more. */
  stop(): Promise<void>;
}

/**
 * Looks every few seconds at the scripts of this home that nobody here watches, such as those that a killed worker left,
 * ends the ones whose result can never count, and removes what is left of runs that are over.
 */
export function startCaretaker(dependencies: CaretakerDependencies): Caretaker {
  const stopping = new AbortController();
  const rounds = (async () => {
    while (!stopping.signal.aborted) {
      // What cannot be ended now may be in the next round.
      await endUselessScripts(dependencies).catch(() => undefined);
      await removeOverRuns(dependencies).catch(() => undefined);
      await sleep(ROUND_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await rounds;
    },
  };
}

/** One round: ends and removes what nobody watches and is superseded, recorded, or of a run that is over. */
export async function endUselessScripts(dependencies: CaretakerDependencies): Promise<void> {
  const { home, watched } = dependencies;
  for (const attempt of await listSupervised(home)) {
    if (watched.isWatched(attempt.file.token)) continue;
    // What cannot be told now (a store that is away) is looked at again in the next round.
    if (await isUseless(dependencies, attempt).catch(() => false)) await endAttempt(attempt);
  }
}

async function isUseless({ store, askChain }: CaretakerDependencies, attempt: SupervisedAttempt): Promise<boolean> {
  const { runId, nodeId, variant } = attempt.script;
  const node = runKeys(runId).node(nodeId);
  if (variant === 'node' && (await store.exists(node.record))) return true;
  // One that is being made ready becomes the node's owner only just before its start.
  if (attempt.status === 'unstarted') return false;
  const owner = await readJson(store, node.variant(variant).process, processFileSchema);
  if (owner?.token !== attempt.file.token) return true;
  // A result that nobody has stored may still be wanted. A server that does not know the run may be another one.
  return attempt.status === 'running' && (await askChain(runId)) === 'closed';
}

/**
 * Removes what runs that are over have left here, such as their copy of the data: their report was written on one host
 * and has cleared that one alone.
 */
export async function removeOverRuns({ store, home }: Pick<CaretakerDependencies, 'store' | 'home'>): Promise<void> {
  for (const runId of await listLocalRuns(home)) {
    const state = await readJson(store, runKeys(runId).state, stateFileSchema).catch(() => null);
    const isOver = state?.state === 'finished' || state?.state === 'cancelled';
    if (isOver && (await listRunAttempts(home, runId)).length === 0) await removeRunDirectory(home, runId);
  }
}
