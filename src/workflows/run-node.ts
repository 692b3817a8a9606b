import { CancellationScope, condition } from '@temporalio/workflow';
import type { FailureReason } from '../domain/failure-reason';
import { parallelOf } from '../domain/run-spec';
import type { ExecuteResult } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { promptContext } from '../policy/prompt-context';
import type { NodeOutcome } from '../policy/search-tree';
import type { RunState } from './run-state';
import { runStep } from './run-step';
import { executeSteps, fileSteps, modelSteps } from './step-activities';

/** A script that takes its worker down every time is ended for good; everything else goes on long before that. */
const MOST_BEGINS = 20;

/** Tries of a script's run when the machinery under it fails, before the run pauses. */
const EXECUTE_TRIES = 2;

/** Takes one node from its decision to its record: propose, execute, review, publish. */
export async function runNode(run: RunState, id: number): Promise<void> {
  const node = run.tree.node(id);
  const outcome = await produce(run, node);
  await CancellationScope.nonCancellable(() => record(run, node, outcome));
}

async function produce(run: RunState, node: TreeNode): Promise<NodeOutcome> {
  const proposal = await propose(run, node);
  run.addUsage(proposal.usage);
  if (proposal.status === 'failed') return failed(proposal.reason);
  const execution = await execute(run, node);
  const review = await runStep(run, () => modelSteps(run.modelEndpoint).review({ runId: run.runId, nodeId: node.id }));
  run.addUsage(review.usage);
  if (execution.status === 'failed') return failed(execution.reason);
  return review.verdict === 'bug' ? failed('reviewer_bug') : { status: 'working', metric: execution.metric };
}

function failed(reason: FailureReason): NodeOutcome {
  return { status: 'failed', reason };
}

function propose(run: RunState, node: TreeNode) {
  const decidedAfter = run.completions;
  const context = promptContext(run.tree, node);
  return runStep(run, () => {
    const timeLeftMs = run.timeLeftMs(Date.now());
    return modelSteps(run.modelEndpoint)[node.operator]({
      runId: run.runId,
      nodeId: node.id,
      operator: node.operator,
      parent: node.parent,
      context,
      decidedAfter,
      stepsDone: run.stepsDone,
      stepsTotal: run.stepsTotal,
      secondsLeft: timeLeftMs === null ? null : Math.round(timeLeftMs / 1000),
    });
  });
}

class BeganTooOften extends Error {}

async function execute(run: RunState, node: TreeNode): Promise<ExecuteResult> {
  let begins = 1;
  const onInterrupted = (): void => {
    if (begins >= MOST_BEGINS) throw new BeganTooOften();
    begins += 1;
  };
  const limitMs = run.spec.limits.script * 1000;
  const dispatch = (): Promise<ExecuteResult> =>
    executeSteps(limitMs).execute({
      runId: run.runId,
      nodeId: node.id,
      limitMs,
      budgetMs: run.timeLeftMs(Date.now()),
      deadline: run.spec.limits.deadline ?? null,
      parallel: parallelOf(run.spec),
    });
  try {
    return await runStep(run, dispatch, { tries: EXECUTE_TRIES, onInterrupted });
  } catch (error) {
    if (error instanceof BeganTooOften) return { status: 'failed', reason: 'killed' };
    throw error;
  }
}

/** One node at a time, so that the link to the best and the order of completions are the same everywhere. */
async function record(run: RunState, node: TreeNode, outcome: NodeOutcome): Promise<void> {
  await condition(() => !run.publishing);
  run.publishing = true;
  try {
    run.complete(node.id, outcome);
    const { serverDownMs } = await runStep(
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
          completion: run.completions,
          snapshot: run.snapshot(Date.now()),
        }),
      { evenWhenPaused: true },
    );
    run.clock.learnServerDown(serverDownMs, Date.now());
  } finally {
    run.publishing = false;
  }
}
