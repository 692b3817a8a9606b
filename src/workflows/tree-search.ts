import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import { FailureType } from '../domain/failure-type';
import type { StopReason } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parseRunSpec, runIdSchema } from '../domain/run-spec';
import type { ReportInput, ReportResult, RunResult } from '../domain/steps';
import { keepDetails } from './current-details';
import { selectFinally } from './final-selection';
import { notified } from './notify-run';
import { prepareRun } from './prepare-run';
import { registerHandlers } from './register-handlers';
import type { CarriedState } from './carried-state';
import { snapshotOf } from './run-standing';
import { RunState } from './run-state';
import { search } from './search';
import { fileSteps } from './step-activities';
import { tellStory } from './story';

/**
 * Searches the space of scripts for a task as a tree, until its steps, its time, its target or a person ends it.
 *
 * @param input a run spec (see `runSpecSchema`), as a person or the coppice command wrote it
 * @param carried the state of the chain's previous run; never given by people
 * @throws ApplicationFailure `InvalidRunSpec`, `InvalidTask` or `RunIdInUse`; nothing of the run is then touched
 */
export async function treeSearch(input: unknown, carried?: CarriedState): Promise<RunResult> {
  const runId = validRunId();
  const spec = validSpec(input);
  const run = new RunState(runId, spec, carried);
  registerHandlers(run);
  keepDetails(run);
  return notified(run, () => searchToTheEnd(run, input));
}

/** The work of one run of the chain, up to its report where it is the last. */
async function searchToTheEnd(run: RunState, input: unknown): Promise<RunResult> {
  /** What the winner's run on all the data came to, also when the run is cancelled after it. */
  let refit: ReportInput['refit'] = null;
  try {
    if (!run.opened) await prepareRun(run);
    run.clock.start(Date.now());
    if (run.pauses.current !== null) run.clock.stop(Date.now());
    const end = await search(run);
    if (end.kind === 'continues') return await continueAsNew<typeof treeSearch>(input, end.state);
    const lastPause = run.pauses.current;
    refit = await selectFinally(run);
    await tellStory(run, lastPause);
    return await CancellationScope.nonCancellable(() => finish(run, end.reason, refit));
  } catch (error) {
    if (isCancellation(error) && run.opened) {
      await CancellationScope.nonCancellable(() => finish(run, 'cancelled', refit));
    }
    throw error;
  }
}

function validRunId(): string {
  const parsed = runIdSchema.safeParse(workflowInfo().workflowId);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.map((issue) => issue.message).join('; ');
  throw ApplicationFailure.nonRetryable(
    `the workflow id names the run's directory: ${problem}`,
    FailureType.InvalidRunSpec,
  );
}

function validSpec(input: unknown): RunSpec {
  const parsed = parseRunSpec(input);
  if (parsed.ok) return parsed.spec;
  const problems = parsed.problems.map((problem) => `${problem.path}: ${problem.message}`);
  throw ApplicationFailure.nonRetryable(`the run spec is wrong: ${problems.join('; ')}`, FailureType.InvalidRunSpec, [
    ...parsed.problems,
  ]);
}

async function finish(run: RunState, stopReason: StopReason, refit: ReportInput['refit']): Promise<RunResult> {
  await condition(() => !run.publishing && allHandlersFinished());
  run.clock.stop(Date.now());
  const snapshot = snapshotOf(run, Date.now());
  const { artifacts, usage } = await reported({ runId: run.runId, refit, stopReason, snapshot });
  run.spending.settle(usage);
  run.finished = true;
  return {
    runId: run.runId,
    stopReason,
    best: snapshot.best,
    selection: snapshot.selection,
    nodes: { working: snapshot.working, failed: snapshot.failed },
    usage,
    elapsedSeconds: Math.round(snapshot.elapsedMs / 1000),
    artifacts,
  };
}

/** A run whose last files cannot be written still ends with its result: the best node is published already. */
async function reported(input: ReportInput): Promise<ReportResult> {
  try {
    return await fileSteps.report(input);
  } catch (error) {
    log.error('the report could not be written', { error });
    return { artifacts: [], usage: input.snapshot.usage };
  }
}
