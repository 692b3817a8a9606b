import { joinMarks } from '../checks/join-marks';
import { gradeFileSchema } from '../domain/evaluation';
import type { Mark } from '../domain/marks';
import type { NodeRecord, ProposalFile } from '../domain/node-record';
import { FILE_FORMAT } from '../domain/file-format';
import {
  executionFileSchema,
  nodeRecordSchema,
  proposalFileSchema,
  reviewFileSchema,
  stepFileSchema,
} from '../domain/node-record';
import type { PublishInput, PublishResult } from '../domain/steps';
import { NO_USAGE, addUsage } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import { loadRun } from '../llm/run-material';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { publishBest } from './best-link';
import { appendToJournal, rebuildJournal } from './journal';
import { factsSummary } from './node-facts';
import { writeState } from './state-file';

export interface PublishDependencies {
  readonly store: ArtifactStore;
  readonly serverDownMs: () => Promise<number>;
  /** Looks for doubts about a working node in its script and its predictions; never fails it. */
  readonly checkNode: (input: PublishInput) => Promise<readonly Mark[]>;
  /** Removes what the node's attempts left on this machine. */
  readonly removeAttempts: (runId: string, nodeId: number) => Promise<void>;
}

const MOST_TITLE_CHARACTERS = 200;

const KILLED_WITHOUT_END =
  'the script never came to an end: its supervisor was killed twice, or it had to begin anew too often';

/**
 * Records a finished node: its `node.json`, the journal, the link to the best and the state of the run. Doing it again
 * changes nothing but what differs.
 */
export function createPublish(dependencies: PublishDependencies): (input: PublishInput) => Promise<PublishResult> {
  const { store } = dependencies;
  return async (input) => {
    const { runId, nodeId, snapshot } = input;
    const key = runKeys(runId).node(nodeId).record;
    const existing = await readJson(store, key, nodeRecordSchema);
    const found = input.status === 'working' ? await dependencies.checkNode(input) : [];
    const marks = joinMarks(found, input.marks);
    const record = await makeRecord(store, input, marks, existing);
    if (existing === null) {
      await writeJson(store, key, record);
      await appendToJournal(store, runId, record);
    } else {
      // A second attempt, or a workflow that was reset: the journal may lack the line or hold an older one.
      await writeJson(store, key, record);
      await rebuildJournal(store, runId);
    }
    if (snapshot.best !== null) await publishBest(store, runId, snapshot.best.id);
    await writeState(store, runId, { state: 'running' }, snapshot);
    await dependencies.removeAttempts(runId, nodeId);
    return { serverDownMs: await dependencies.serverDownMs(), dataChanged: null };
  };
}

async function makeRecord(
  store: ArtifactStore,
  input: PublishInput,
  marks: Mark[],
  existing: NodeRecord | null,
): Promise<NodeRecord> {
  const keys = runKeys(input.runId).node(input.nodeId);
  const step = await readJson(store, keys.step, stepFileSchema);
  if (step === null) throw new StoreError(`${keys.step} is missing`);
  const proposal = await readJson(store, keys.proposal, proposalFileSchema);
  const execution = await readJson(store, keys.execution, executionFileSchema);
  const grade = await readJson(store, keys.grade, gradeFileSchema);
  const review = await readJson(store, keys.review, reviewFileSchema);
  const message = grade?.message ?? execution?.message ?? messageWithoutRun(input, proposal);
  return {
    format: FILE_FORMAT,
    id: input.nodeId,
    parent: input.parent,
    operator: input.operator,
    status: input.status,
    reason: input.reason,
    metric: input.metric,
    title: await titleOf(store, keys.plan),
    summary: review?.summary ?? (await summaryWithoutReview(store, input, message)),
    lesson: review?.lesson ?? null,
    message,
    codeHash: proposal?.status === 'proposed' ? proposal.codeHash : null,
    parentCodeHash: step.identity.parentCodeHash,
    decidedAfter: step.decidedAfter,
    completion: input.completion,
    startedAt: step.startedAt,
    recordedAt: existing?.recordedAt ?? new Date().toISOString(),
    scriptSeconds: execution?.scriptSeconds ?? null,
    usage: addUsage(proposal?.usage ?? NO_USAGE, review?.usage ?? NO_USAGE),
    reviewUsage: review?.usage ?? NO_USAGE,
    elapsedSeconds: input.snapshot.elapsedMs / 1000,
    reportedMetric: execution?.metric ?? null,
    standardError: grade?.standardError ?? null,
    isolation: execution?.isolation ?? null,
    marks,
  };
}

/** A review is left out when the run's cap is reached: then the machine's own facts have to do. */
async function summaryWithoutReview(store: ArtifactStore, input: PublishInput, message: string): Promise<string> {
  if (input.status === 'failed') return message;
  const { task } = await loadRun(store, input.runId);
  return factsSummary(task, { reason: null, metric: input.metric, message }, "the run's cap was reached");
}

/** Of a node whose script never came to an end. */
function messageWithoutRun({ reason }: PublishInput, proposal: ProposalFile | null): string {
  if (proposal?.status === 'failed') return proposal.message;
  return reason === 'killed' ? KILLED_WITHOUT_END : '';
}

async function titleOf(store: ArtifactStore, planKey: string): Promise<string> {
  const plan = (await store.read(planKey))?.toString('utf8') ?? '';
  const lines = plan.split('\n').map((line) => line.replace(/^[#>*\s-]+/, '').trim());
  return (lines.find((line) => line !== '') ?? '').slice(0, MOST_TITLE_CHARACTERS);
}
