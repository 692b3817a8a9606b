import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { ProposalFile, ReviewFile } from '../domain/node-record';
import { proposalFileSchema, reviewFileSchema, stepFileSchema } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { Operator } from '../domain/operator';
import type { ReviewInput } from '../domain/steps';
import { NO_USAGE } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson } from '../store/json-file';
import type { NodeKeys } from '../store/run-keys';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';

/** A node of a replay, as it was decided. */
interface DecidedNode {
  readonly runId: string;
  readonly nodeId: number;
  readonly operator: Operator;
  readonly parent: number | null;
}

/**
 * Gives a node of a replay the plan and the script that the source's node of that id has. A node for which the source
 * got no script fails once more in the same way.
 *
 * @throws StoreError when files of the source are gone; ApplicationFailure `InvalidTask` when its node is another one
 */
export async function replayProposal(
  store: ArtifactStore,
  run: RunFile,
  { runId, nodeId, operator, parent }: DecidedNode,
): Promise<ProposalFile> {
  const sourceId = sourceOf(run);
  const from = runKeys(sourceId).node(nodeId);
  const to = runKeys(runId).node(nodeId);
  const step = await readJson(store, from.step, stepFileSchema);
  const proposal = await readJson(store, from.proposal, proposalFileSchema);
  if (step === null || proposal === null) throw gone(from, step === null ? from.step : from.proposal);
  if (step.identity.operator !== operator || step.identity.parent !== parent) {
    throw ApplicationFailure.nonRetryable(
      `node ${nodeId} of run "${sourceId}" is not the one that this replay was begun with: replay the run anew`,
      FailureType.InvalidTask,
    );
  }
  if (proposal.status === 'failed') return { ...proposal, usage: NO_USAGE };
  await store.copy(from.plan, to.plan);
  if (!(await store.copy(from.solution, to.solution))) throw gone(from, from.solution);
  return { ...proposal, usage: NO_USAGE };
}

/**
 * The source's review of the node, as long as it is about the same script; else the node stays unreviewed.
 *
 * @throws StoreError when the node has no script to review
 */
export async function replayReview(
  store: ArtifactStore,
  run: RunFile,
  { runId, nodeId }: ReviewInput,
): Promise<ReviewFile> {
  const { solution } = runKeys(runId).node(nodeId);
  const code = await store.read(solution);
  if (code === null) throw new StoreError(`${solution} is missing: node ${nodeId} cannot be reviewed`);
  const codeHash = contentHash(code);
  const review = await readJson(store, runKeys(sourceOf(run)).node(nodeId).review, reviewFileSchema);
  if (review?.codeHash === codeHash) return { ...review, usage: NO_USAGE };
  return {
    codeHash,
    verdict: 'unreviewed',
    summary: `Run ${sourceOf(run)}, of which this is a replay, has no review of this script.`,
    lesson: null,
    usage: NO_USAGE,
  };
}

function sourceOf({ runId, request }: RunFile): string {
  if (request.replay !== undefined) return request.replay;
  throw new StoreError(`${runKeys(runId).run} names no run that it is a replay of`);
}

function gone(node: NodeKeys, key: string): StoreError {
  return new StoreError(`${key} is missing: bring ${node.directory} back, and the replay goes on`);
}
