import { nodeRecordSchema, stepFileSchema } from '../domain/node-record';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import type { ParentFacts, TriedFacts } from './offline/facts';
import { recipeLines } from './offline/recipe';
import { outputExcerpt } from './prompts/excerpt';
import type { ParentMaterial, RememberedNode } from './prompts/prompt-material';
import { readText } from './run-material';

/** Most characters of a parent's output that go into the offline model's facts. */
const FACTS_OUTPUT_LIMIT = 6000;

const READS_AT_ONCE = 8;

/** The nodes as a prompt speaks of them, in the order asked for; ids that left nothing in the store are passed over. */
export async function loadRemembered(
  store: ArtifactStore,
  runId: string,
  ids: readonly number[],
): Promise<RememberedNode[]> {
  const nodes = await mapBounded(ids, READS_AT_ONCE, (id) => loadRememberedNode(store, runId, id));
  return nodes.filter((node) => node !== null);
}

/**
 * The node to improve, to debug or to compare with.
 *
 * @throws StoreError when it is not recorded
 */
export async function loadParent(store: ArtifactStore, runId: string, id: number): Promise<ParentMaterial> {
  const keys = runKeys(runId).node(id);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  if (record === null) throw new StoreError(`${keys.record} is missing: node ${id} cannot be gone on from`);
  return {
    id,
    plan: await readText(store, keys.plan),
    code: await readText(store, keys.solution),
    metric: record.metric,
    reason: record.reason,
    message: record.message,
    summary: record.summary,
    output: await readText(store, keys.output),
  };
}

/** The same node as the offline model wants to know it. */
export function parentFacts(parent: ParentMaterial): ParentFacts {
  return {
    id: parent.id,
    code: parent.code,
    status: parent.metric === null ? 'failed' : 'working',
    reason: parent.reason,
    message: parent.message,
    metric: parent.metric,
    outputTail: outputExcerpt(parent.output, FACTS_OUTPUT_LIMIT),
  };
}

/** Remembered nodes as the offline model wants to know them: oldest first, with what its scripts say of themselves. */
export async function triedFacts(
  store: ArtifactStore,
  runId: string,
  nodes: readonly RememberedNode[],
): Promise<TriedFacts[]> {
  const ordered = [...nodes].sort((left, right) => left.id - right.id);
  return mapBounded(ordered, READS_AT_ONCE, async ({ id, parent, operator, status, metric, title, summary }) => {
    const code = await store.read(runKeys(runId).node(id).solution);
    const lines = code === null ? null : recipeLines(code.toString('utf8'));
    return { id, parent, operator, status, metric, title, summary, code: lines };
  });
}

async function loadRememberedNode(store: ArtifactStore, runId: string, id: number): Promise<RememberedNode | null> {
  const keys = runKeys(runId).node(id);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  if (record !== null) {
    const { parent, operator, status, metric, reason, title, summary } = record;
    return { id, parent, operator, status, metric, reason, title, summary };
  }
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step === null) return null;
  const { parent, operator } = step.identity;
  const title = (await readText(store, keys.plan)).split('\n', 1)[0] ?? '';
  return { id, parent, operator, status: 'in_flight', metric: null, reason: null, title, summary: '' };
}
