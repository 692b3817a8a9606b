import { condition } from '@temporalio/workflow';
import type { Mark } from '../domain/marks';
import type { TreeNode } from '../domain/tree-columns';
import { workingNodes } from '../policy/best-first';
import type { NodeOutcome } from '../policy/search-tree';
import { tooGood } from '../policy/too-good';
import { changedDataPause } from './changed-data';
import { snapshotOf } from './run-standing';
import type { RunState } from './run-state';
import { runStep } from './run-step';
import { fileSteps } from './step-activities';

/** What became of a node, before it is recorded. */
export interface FinishedNode {
  readonly outcome: NodeOutcome;
  /** How long its script took; 0 when it failed. */
  readonly seconds: number;
  /** Doubts of the reviewer. */
  readonly marks: readonly Mark[];
}

/** One node at a time, so that the link to the best and the order of completions are the same everywhere. */
export async function recordNode(run: RunState, node: TreeNode, finished: FinishedNode): Promise<void> {
  await whilePublishing(run, async () => {
    const marks = [...finished.marks, ...doubts(run, finished.outcome)];
    run.complete(node.id, finished.outcome, finished.seconds);
    const { serverDownMs, dataChanged } = await publish(run, node, finished.outcome, marks);
    run.clock.learnServerDown(serverDownMs, Date.now());
    if (dataChanged !== null) run.pauseFor(changedDataPause(`after node ${node.id}: ${dataChanged}`), Date.now());
  });
}

/** Does something that must not happen while a node is being recorded, nor while a decision is made. */
export async function whilePublishing(run: RunState, step: () => Promise<void>): Promise<void> {
  // Whoever waits is let go at the same moment, so each has to look again.
  while (run.publishing) await condition(() => !run.publishing);
  run.publishing = true;
  try {
    await step();
  } finally {
    run.publishing = false;
  }
}

function doubts(run: RunState, outcome: NodeOutcome): readonly Mark[] {
  if (outcome.status === 'failed') return [];
  const others = workingNodes(run.tree).map((other) => other.metric);
  const mark = tooGood(outcome.metric, others, run.tree.direction);
  return mark === null ? [] : [mark];
}

function publish(run: RunState, node: TreeNode, outcome: NodeOutcome, marks: readonly Mark[]) {
  return runStep(
    run,
    () =>
      fileSteps.publish({
        runId: run.runId,
        nodeId: node.id,
        operator: node.operator,
        parent: node.parent,
        status: outcome.status,
        reason: outcome.status === 'failed' ? outcome.reason : null,
        metric: outcome.status === 'working' ? outcome.metric : null,
        marks,
        completion: run.completions,
        snapshot: snapshotOf(run, Date.now()),
      }),
    { evenWhenPaused: true },
  );
}
