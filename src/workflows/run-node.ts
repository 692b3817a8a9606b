import { CancellationScope, condition } from '@temporalio/workflow';
import type { FailureReason } from '../domain/failure-reason';
import type { Mark } from '../domain/marks';
import type { ModelOperator } from '../domain/operator';
import type { ProposeResult, ReviewResult } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { NO_USAGE } from '../domain/usage';
import { promptContext } from '../policy/prompt-context';
import type { NodeOutcome } from '../policy/search-tree';
import { executeScript } from './execute-script';
import type { ScriptEnd, ScriptRun } from './execute-script';
import { recordNode } from './record-node';
import type { FinishedNode } from './record-node';
import type { RunState } from './run-state';
import { runModelStep } from './run-model-step';
import { runStep } from './run-step';
import { fileSteps, gradeSteps, modelSteps } from './step-activities';
import { searchDeadline, searchTimeLeftMs } from './time-limits';

const REVIEWER_DOUBT: Mark = { kind: 'reviewer_bug', message: 'the reviewer does not trust the script or its score' };

/** The machine's own facts are all that is known of a node whose review the run's caps do not allow. */
const UNREVIEWED: ReviewResult = { verdict: 'unreviewed', usage: NO_USAGE };

/** Takes one node from its decision to its record: propose, execute, grade, review, publish. */
export async function runNode(run: RunState, id: number, startedBefore: ScriptRun['startedBefore']): Promise<void> {
  const node = run.tree.node(id);
  const finished = await produce(run, node, startedBefore);
  await CancellationScope.nonCancellable(() => recordNode(run, node, finished));
}

async function produce(
  run: RunState,
  node: TreeNode,
  startedBefore: ScriptRun['startedBefore'],
): Promise<FinishedNode> {
  // What the chain's previous run left running was proposed there, and its usage counted.
  if (typeof startedBefore === 'string') {
    const proposal =
      node.operator === 'inject' ? await inject(run, node) : await propose(run, node, node.operator, startedBefore);
    run.spending.add(proposal.usage);
    if (proposal.status === 'failed') return { outcome: failed(proposal.reason), seconds: 0, marks: [] };
  }
  const execution = await execute(run, node, startedBefore);
  // There is nothing that a reviewer could look at.
  if ('givenUp' in execution) return { outcome: failed(execution.reason), seconds: 0, marks: [] };
  const outcome = await score(run, node, execution);
  const review = await runModelStep(run, 'review', (endpoint, model) => reviewNode(run, node.id, endpoint, model));
  run.spending.add(review.usage);
  return { ...reviewed(run, outcome, review), seconds: execution.status === 'ok' ? execution.seconds : 0 };
}

function failed(reason: FailureReason): NodeOutcome {
  return { status: 'failed', reason };
}

/** A script that a person brought takes the place of a model's answer; nothing is asked for, so no pause holds it up. */
function inject(run: RunState, { id, parent }: TreeNode): Promise<ProposeResult> {
  const number = run.steering.injectionOf(id);
  const input = { runId: run.runId, nodeId: id, number, parent, decidedAfter: run.completions };
  return runStep(run, () => fileSteps.inject(input), { evenWhenPaused: true });
}

function propose(run: RunState, node: TreeNode, operator: ModelOperator, startedBefore: 'never' | 'maybe') {
  const context = promptContext(run.tree, node, run.digests.since);
  const known = { decidedAfter: run.completions, digest: run.digests.last };
  const siblingsSoFar = run.tree.childCount(node.parent) - 1;
  const hints = startedBefore === 'maybe' ? null : run.steering.hints.forChildOf(run.tree, node.parent);
  return runModelStep(run, operator, async (endpoint, model) => {
    // What a run had begun when it was rebuilt may be stored, and so cost nothing.
    if (startedBefore === 'never') await waitForMoney(run, node.id);
    const timeLeftMs = searchTimeLeftMs(run, Date.now());
    return modelSteps(endpoint)[operator]({
      runId: run.runId,
      nodeId: node.id,
      operator,
      parent: node.parent,
      context,
      ...known,
      hints,
      model,
      siblingsSoFar,
      moneyLeft: run.spending.left,
      extendedDiskBytes: run.extensions.diskBytes,
      stepsDone: run.stepsDone,
      stepsTotal: run.stepsTotal,
      secondsLeft: timeLeftMs === null ? null : Math.round(timeLeftMs / 1000),
    });
  });
}

/** A node that was decided when there was money left, and held up since, is not begun without. */
async function waitForMoney(run: RunState, id: number): Promise<void> {
  if (run.spending.reachedCap === null) return;
  run.held.add(id);
  try {
    await condition(() => run.spending.reachedCap === null && run.pauses.current === null);
  } finally {
    run.held.delete(id);
  }
}

async function reviewNode(run: RunState, nodeId: number, endpoint: string, model: number): Promise<ReviewResult> {
  if (run.spending.reachedCap !== null) return UNREVIEWED;
  return modelSteps(endpoint).review({ runId: run.runId, nodeId, model, moneyLeft: run.spending.left });
}

function execute(run: RunState, node: TreeNode, startedBefore: ScriptRun['startedBefore']): Promise<ScriptEnd> {
  const time = () => ({ budgetMs: searchTimeLeftMs(run, Date.now()), deadline: searchDeadline(run) });
  return executeScript(run, { nodeId: node.id, variant: 'node', time, startedBefore });
}

/** The node's score: its own word where nothing else is asked for, else the grade worker's. */
async function score(run: RunState, node: TreeNode, execution: ScriptEnd): Promise<NodeOutcome> {
  if (execution.status === 'failed') return failed(execution.reason);
  if (run.evaluation === 'reported') return scored(execution.metric);
  const grade = await runStep(run, () => gradeSteps.grade({ runId: run.runId, nodeId: node.id }));
  return grade.status === 'failed' ? failed(grade.reason) : scored(grade.metric);
}

function scored(metric: number | null): NodeOutcome {
  return metric === null ? failed('no_metric') : { status: 'working', metric };
}

/** A reviewer's doubt fails a score that the script itself reported; any other it only marks. */
function reviewed(run: RunState, outcome: NodeOutcome, review: ReviewResult): Omit<FinishedNode, 'seconds'> {
  if (outcome.status === 'failed' || review.verdict !== 'bug') return { outcome, marks: [] };
  if (run.evaluation === 'reported') return { outcome: failed('reviewer_bug'), marks: [] };
  return { outcome, marks: [REVIEWER_DOUBT] };
}
