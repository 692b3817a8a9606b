import { injectedFileSchema } from '../domain/steering';
import type { HintsState, RecoveredInjections } from '../domain/steps';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { runKeys } from '../store/run-keys';
import { listNumberedFiles, readHints } from '../store/stored-hints';
import type { StoredNode } from './recover-run';

const READS_AT_ONCE = 16;

/** The hints of a run as its files tell of them. */
export async function recoverHints(store: ArtifactStore, runId: string): Promise<HintsState> {
  const hints = await readHints(store, runId);
  return {
    last: hints.at(-1)?.number ?? 0,
    inForce: hints.flatMap(({ number, node, withdrawnAt }) => (withdrawnAt === null ? [{ number, node }] : [])),
  };
}

/** The scripts that people brought: those in flight, and those that were stored and never became a node. */
export async function recoverInjections(
  store: ArtifactStore,
  runId: string,
  nodes: readonly StoredNode[],
): Promise<RecoveredInjections> {
  const keys = runKeys(runId);
  const numbers = await listNumberedFiles(store, keys.injections);
  const taken = nodes.flatMap(({ id, record, step }) =>
    step?.identity.injection === undefined
      ? []
      : [{ node: id, number: step.identity.injection, isRecorded: record !== null }],
  );
  const takenNumbers = new Set(taken.map(({ number }) => number));
  const recorded = new Set(nodes.flatMap(({ id, record }) => (record === null ? [] : [id])));
  const waiting = await mapBounded(
    numbers.filter((number) => !takenNumbers.has(number)),
    READS_AT_ONCE,
    async (number) => {
      const parent = (await readJson(store, keys.injected(number), injectedFileSchema))?.parent ?? null;
      return { number, parent: parent !== null && recorded.has(parent) ? parent : null };
    },
  );
  return {
    last: Math.max(0, ...numbers, ...takenNumbers),
    begun: taken.flatMap(({ node, number, isRecorded }) => (isRecorded ? [] : [{ node, number }])),
    waiting,
  };
}
