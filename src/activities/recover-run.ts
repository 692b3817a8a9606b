import type { Direction } from '../domain/direction';
import type { NodeRecord, StepFile } from '../domain/node-record';
import { forkFileSchema } from '../domain/fork-file';
import { nodeRecordSchema, stepFileSchema } from '../domain/node-record';
import { stateFileSchema } from '../domain/run-files';
import type { RecoveredRun } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { toTreeColumns } from '../domain/tree-columns';
import { addUsage } from '../domain/usage';
import { SearchTree } from '../policy/search-tree';
import { bestRecord } from '../report/run-view';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { readDigests } from '../store/stored-digests';
import { readStoryUsage } from '../store/stored-story';
import { recoverHints, recoverInjections } from './recover-steering';

/** Files read at once. */
const READS_AT_ONCE = 32;

/** A node as its files tell of it; the step only where the record does not tell all. */
export interface StoredNode {
  readonly id: number;
  readonly record: NodeRecord | null;
  readonly step: StepFile | null;
}

/**
 * The run as its files tell it. A node without a record is in flight again with its own operator and parent, so that
 * its stored answers still fit; an id of which nothing but an empty directory is left is a hole.
 */
export async function recoverRun(store: ArtifactStore, runId: string, direction: Direction): Promise<RecoveredRun> {
  const ids = await listNodeIds(store, runId);
  const stored = await mapBounded(ids, READS_AT_ONCE, (id) => readNode(store, runId, id));
  const records = stored.flatMap(({ record }) => (record === null ? [] : [record]));
  const state = await readJson(store, runKeys(runId).state, stateFileSchema);
  const digests = await readDigests(store, runId);
  const tree = toTreeColumns(treeNodes(stored));
  const pruned = state?.pruned ?? (await readJson(store, runKeys(runId).fork, forkFileSchema))?.pruned ?? [];
  // Not the best of `state.json`: after a final selection that is its winner.
  const bestId = new SearchTree(direction, tree, pruned).best?.id;
  const best = records.find((record) => record.id === bestId);
  const digest = digests.at(-1)?.upTo ?? null;
  const completions = Math.max(0, ...records.map((record) => record.completion));
  return {
    tree,
    completions,
    usage: [...records, ...digests].reduce(
      (sum, { usage }) => addUsage(sum, usage),
      await readStoryUsage(store, runId),
    ),
    elapsedMs: 1000 * Math.max(state?.elapsedSeconds ?? 0, ...records.map((record) => record.elapsedSeconds)),
    extendedSteps: state?.extendedSteps ?? 0,
    extendedMs: (state?.extendedSeconds ?? 0) * 1000,
    extendedTokens: state?.extendedTokens ?? 0,
    extendedCostUsd: state?.extendedCostUsd ?? 0,
    extendedDiskBytes: state?.extendedDiskBytes ?? 0,
    isOver: state?.state === 'finished' || state?.state === 'cancelled',
    wentOn: stoodWhenItWentOn(records, direction, state?.wentOnAfter ?? 0),
    // Patience began anew when something was pruned, and nobody wrote down when that was.
    bestCompletion: pruned.length > 0 ? completions : (best?.completion ?? 0),
    bestSeconds: best?.scriptSeconds ?? 0,
    digest,
    sinceDigest: recordedAfter(records, digest ?? 0),
    hints: await recoverHints(store, runId),
    injections: await recoverInjections(store, runId, stored),
    pruned,
  };
}

function stoodWhenItWentOn(
  records: readonly NodeRecord[],
  direction: Direction,
  after: number,
): RecoveredRun['wentOn'] {
  if (after === 0) return null;
  const before = records.filter(({ completion }) => completion <= after);
  return { after, metric: bestRecord(before, direction)?.metric ?? null };
}

function recordedAfter(records: readonly NodeRecord[], completion: number): number[] {
  return records
    .filter((record) => record.completion > completion)
    .sort((left, right) => left.completion - right.completion)
    .map(({ id }) => id);
}

async function readNode(store: ArtifactStore, runId: string, id: number): Promise<StoredNode> {
  const keys = runKeys(runId).node(id);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  // Of a recorded node it tells something new only where a person brought the script.
  const needsStep = record === null || record.operator === 'inject';
  const step = needsStep ? await readJson(store, keys.step, stepFileSchema) : null;
  return { id, record, step };
}

function treeNodes(stored: readonly StoredNode[]): (TreeNode | null)[] {
  const recorded = new Set(stored.filter(({ record }) => record !== null).map(({ id }) => id));
  const byId = new Map(stored.map((node) => [node.id, toTreeNode(node, recorded)]));
  const last = Math.max(0, ...[...byId].filter(([, node]) => node !== null).map(([id]) => id));
  return Array.from({ length: last }, (_, index) => byId.get(index + 1) ?? null);
}

function toTreeNode({ id, record, step }: StoredNode, recorded: ReadonlySet<number>): TreeNode | null {
  if (record !== null) {
    const { operator, parent, status, reason, metric } = record;
    return { id, operator, parent, status, reason, metric };
  }
  if (step === null) return null;
  const { operator, parent } = step.identity;
  if (parent !== null && !recorded.has(parent)) return null;
  return { id, operator, parent, status: 'in_flight', reason: null, metric: null };
}
