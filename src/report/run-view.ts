import type { Direction } from '../domain/direction';
import type { EvaluationFile } from '../domain/evaluation';
import { evaluationFileSchema } from '../domain/evaluation';
import type { FailureReason } from '../domain/failure-reason';
import type { ForkFile } from '../domain/fork-file';
import { forkFileSchema } from '../domain/fork-file';
import type { Mark } from '../domain/marks';
import type { NodeRecord } from '../domain/node-record';
import { nodeRecordSchema, stepFileSchema } from '../domain/node-record';
import type { Operator } from '../domain/operator';
import type { ReplayFile } from '../domain/replay-file';
import { replayFileSchema } from '../domain/replay-file';
import type { EnvironmentFile, RunFile, StateFile } from '../domain/run-files';
import { environmentFileSchema, stateFileSchema } from '../domain/run-files';
import type { SelectionCandidate, SelectionFile } from '../domain/selection';
import { selectionFileSchema } from '../domain/selection';
import type { HintFile, NotesFile } from '../domain/steering';
import { notesFileSchema } from '../domain/steering';
import { withDescendants } from '../domain/with-descendants';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNodeIds } from '../store/node-ids';
import { runKeys } from '../store/run-keys';
import { readRun } from '../store/read-run';
import { readHints } from '../store/stored-hints';
import { compareReplay } from './replay-comparison';

/** What is being done for a node that is not recorded yet; `ended`: nothing any more, since the run is over. */
export type NodeStage = 'writing' | 'executing' | 'grading' | 'reviewing' | 'ended';

interface NodeBasics {
  readonly id: number;
  readonly parent: number | null;
  readonly operator: Operator;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** A node as its files tell of it. */
export type NodeView =
  | (NodeBasics & { readonly status: 'in_flight'; readonly stage: NodeStage })
  | (NodeBasics & {
      readonly status: 'working' | 'failed';
      readonly record: NodeRecord;
      /** What a person noted about it. */
      readonly notes: NotesFile | null;
    });

/** A whole run as its files tell of it: all that reading commands and reports need, but for the nodes' texts. */
export interface RunView {
  readonly runId: string;
  readonly run: RunFile;
  /** Null until the first node is recorded, or the run pauses or ends. */
  readonly state: StateFile | null;
  /** Null until it is settled how nodes are scored. */
  readonly evaluation: EvaluationFile | null;
  /** The final selection that the run's result stands on; null before it, while an extended run goes on, and without one. */
  readonly selection: SelectionFile | null;
  /** What scripts run in: the pinned environment, or the task's own. */
  readonly environment: Pick<EnvironmentFile, 'python' | 'packages'>;
  /** What the run took over from another one; null for all but forks. */
  readonly fork: ForkFile | null;
  /** Which nodes of another run it runs again, and what they came to so far; null for all but replays. */
  readonly replay: ReplayFile | null;
  /** What people said to the models, also what they took back; in the order in which it was given. */
  readonly hints: readonly HintFile[];
  /** In order of id. */
  readonly nodes: readonly NodeView[];
}

/** Files read at once. */
const READS_AT_ONCE = 32;

/**
 * Reads a run from its files; null when there is no such run in the store.
 *
 * @param known recorded nodes that need not be read again
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function loadRunView(
  store: ArtifactStore,
  runId: string,
  known: ReadonlyMap<number, NodeView> = new Map(),
): Promise<RunView | null> {
  const keys = runKeys(runId);
  const run = await readRun(store, runId);
  if (run === null) return null;
  const state = await readJson(store, keys.state, stateFileSchema);
  const evaluation = await readJson(store, keys.evaluation, evaluationFileSchema);
  const selection = state?.selection == null ? null : await readJson(store, keys.selection, selectionFileSchema);
  const environment = (await readJson(store, keys.environment, environmentFileSchema)) ?? run.versions;
  const fork = await readJson(store, keys.fork, forkFileSchema);
  const replay = await readJson(store, keys.replay, replayFileSchema);
  const hints = await readHints(store, runId);
  const ids = await listNodeIds(store, runId);
  const found = await mapBounded(
    ids,
    READS_AT_ONCE,
    async (id) => known.get(id) ?? loadNode(store, runId, id, evaluation),
  );
  const isOver = state?.state === 'finished' || state?.state === 'cancelled';
  const nodes = found.filter((node) => node !== null).map((node) => (isOver ? endedWithRun(node) : node));
  const compared = replay === null ? null : compareReplay(replay, recordsOf({ nodes }));
  return { runId, run, state, evaluation, selection, environment, fork, replay: compared, hints, nodes };
}

async function loadNode(
  store: ArtifactStore,
  runId: string,
  id: number,
  evaluation: EvaluationFile | null,
): Promise<NodeView | null> {
  const keys = runKeys(runId).node(id);
  const record = await readJson(store, keys.record, nodeRecordSchema);
  if (record !== null) {
    const { parent, operator, startedAt, status } = record;
    const notes = await readJson(store, keys.notes, notesFileSchema);
    return { id, parent, operator, startedAt, status, record, notes };
  }
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step === null) return null;
  const { parent, operator } = step.identity;
  const stage = stageOf(new Set(await store.list(keys.directory)), evaluation);
  return { id, parent, operator, startedAt: step.startedAt, status: 'in_flight', stage };
}

/** What was under way when the run ended was not recorded; the node begins again if the run is extended. */
function endedWithRun(node: NodeView): NodeView {
  return node.status === 'in_flight' ? { ...node, stage: 'ended' } : node;
}

function stageOf(files: ReadonlySet<string>, evaluation: EvaluationFile | null): NodeStage {
  if (!files.has('execution.json')) return files.has('proposal.json') ? 'executing' : 'writing';
  const isGraded = evaluation !== null && evaluation.kind !== 'reported';
  return isGraded && !files.has('grade.json') ? 'grading' : 'reviewing';
}

/** Records of the finished nodes, in order of id. */
export function recordsOf(view: Pick<RunView, 'nodes'>): NodeRecord[] {
  return view.nodes.flatMap((node) => (node.status === 'in_flight' ? [] : [node.record]));
}

/**
 * The best working node: the winner of the final selection, before it the best by search score as `state.json` says, else
 * by score with the lower id first. What a person pruned is no answer.
 */
export function bestOf(view: RunView): NodeRecord | null {
  const records = recordsOf(view);
  const id = view.state?.selection?.winner ?? view.state?.best?.id;
  const named = records.find((record) => record.id === id);
  if (named !== undefined) return named;
  const pruned = withDescendants(view.state?.pruned ?? [], view.nodes);
  return bestRecord(
    records.filter((record) => !pruned.has(record.id)),
    view.run.task.direction,
  );
}

/** A node as the final selection compared it; null when it was no candidate. */
export function candidateOf(view: RunView, id: number): SelectionCandidate | null {
  return view.selection?.candidates.find((candidate) => candidate.id === id) ?? null;
}

/** A node's doubts; the final selection knows more of them than there were when the node was recorded. */
export function marksOf(view: RunView, record: NodeRecord): Mark[] {
  return candidateOf(view, record.id)?.marks ?? record.marks;
}

/** The record with the best score; the lowest id among equals; null when none works. */
export function bestRecord(records: readonly NodeRecord[], direction: Direction): NodeRecord | null {
  const sign = direction === 'maximize' ? 1 : -1;
  return records.reduce<NodeRecord | null>((best, record) => {
    if (record.status !== 'working' || record.metric === null) return best;
    if (best?.metric == null) return record;
    return sign * (record.metric - best.metric) > 0 ? record : best;
  }, null);
}

/** How often each reason failed a node, the most frequent first. */
export function failureCounts(view: RunView): (readonly [FailureReason, number])[] {
  const counts = new Map<FailureReason, number>();
  for (const record of recordsOf(view)) {
    if (record.reason !== null) counts.set(record.reason, (counts.get(record.reason) ?? 0) + 1);
  }
  return [...counts].sort((left, right) => right[1] - left[1]);
}
