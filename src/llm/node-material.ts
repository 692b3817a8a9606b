import { nodeRecordSchema, stepFileSchema } from '../domain/node-record';
import { stateFileSchema } from '../domain/run-files';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import type { ParentFacts, TriedFacts } from './offline/facts';
import { recipeLines } from './offline/recipe';
import { outputExcerpt } from './prompts/output-excerpt';
import type { ParentMaterial, RememberedNode } from './prompts/prompt-material';
import { readText } from './run-material';

/** Most tokens of a script's output that go into the offline model's facts. */
export const FACTS_OUTPUT_LIMIT = 1500;

const READS_AT_ONCE = 8;

/** Longest line of repairs that is looked through. */
const MOST_STEPS_UP = 10;

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
    lesson: record.lesson?.lesson ?? record.summary,
    output: await readText(store, keys.output),
  };
}

/** The nearest working node from `id` upwards, with its script; null when there is none within `MOST_STEPS_UP`. */
export async function loadOrigin(
  store: ArtifactStore,
  runId: string,
  id: number | null,
): Promise<{ readonly id: number; readonly code: string } | null> {
  let next = id;
  for (let step = 0; step < MOST_STEPS_UP && next !== null; step += 1) {
    const [node] = await loadRemembered(store, runId, [next]);
    if (node === undefined) return null;
    if (node.status === 'working')
      return { id: node.id, code: await readText(store, runKeys(runId).node(node.id).solution) };
    next = node.parent;
  }
  return null;
}

/** The best node as the run's state tells it; null when nothing works, or only the node `except`. */
export async function loadBest(
  store: ArtifactStore,
  runId: string,
  except: number | null,
): Promise<RememberedNode | null> {
  const state = await readJson(store, runKeys(runId).state, stateFileSchema);
  const id = state?.best?.id;
  if (id === undefined || id === except) return null;
  const [best] = await loadRemembered(store, runId, [id]);
  return best ?? null;
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
    const { parent, operator, status, metric, reason, title, summary, lesson, message } = record;
    return { id, parent, operator, status, metric, reason, title, summary, lesson, message };
  }
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step === null) return null;
  const { parent, operator } = step.identity;
  const title = (await readText(store, keys.plan)).split('\n', 1)[0] ?? '';
  const nothingYet = { metric: null, reason: null, summary: '', lesson: null, message: '' };
  return { id, parent, operator, status: 'in_flight', title, ...nothingYet };
}
