import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { extensionSchema } from '../domain/extension';
import { FailureType } from '../domain/failure-type';
import type { StopReason } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parseRunSpec, runIdSchema } from '../domain/run-spec';
import type { ReportInput, ReportResult, RunResult } from '../domain/steps';
import { selectFinally } from './final-selection';
import type { TreePage, TreePageRequest } from './messages';
import { extendUpdate, nodeQuery, pauseUpdate, progressQuery, resumeUpdate, stopUpdate, treeQuery } from './messages';
import { prepareRun } from './prepare-run';
import type { CarriedState } from './run-state';
import { RunState } from './run-state';
import { search } from './search';
import { fileSteps } from './step-activities';
import { tellStory } from './story';

const MOST_NODES_A_PAGE = 1000;

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
  /** What the winner's run on all the data came to, also when the run is cancelled after it. */
  let refit: ReportInput['refit'] = null;
  try {
    if (!run.opened) await prepareRun(run);
    run.clock.start(Date.now());
    if (run.pause !== null) run.clock.stop(Date.now());
    const end = await search(run);
    if (end.kind === 'continues') return await continueAsNew<typeof treeSearch>(input, end.state);
    const lastPause = run.pause;
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
  await condition(() => !run.publishing);
  run.clock.stop(Date.now());
  const snapshot = run.snapshot(Date.now());
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

function registerHandlers(run: RunState): void {
  setHandler(progressQuery, () => run.progress(), { description: 'Where the run stands.' });
  setHandler(treeQuery, (request) => treePage(run, request), { description: 'A page of the tree.' });
  setHandler(nodeQuery, (id) => run.tree.find(id), { description: 'One node.' });
  setHandler(
    pauseUpdate,
    () => {
      run.pauseFor({ reason: 'person', message: 'paused by a person' }, Date.now());
      return run.progress();
    },
    { description: 'Dispatches nothing new; running scripts finish.', validator: () => refuseWhenOver(run) },
  );
  setHandler(
    resumeUpdate,
    () => {
      run.resume(Date.now());
      return run.progress();
    },
    { description: 'Goes on after a pause.', validator: () => refuseWhenOver(run) },
  );
  setHandler(
    stopUpdate,
    () => {
      run.stopRequested = true;
      return run.progress();
    },
    { description: 'Ends running scripts and the run, with its report.', validator: () => refuseWhenOver(run) },
  );
  setHandler(
    extendUpdate,
    (extension) => {
      run.extend(extensionSchema.parse(extension));
      return run.progress();
    },
    {
      description: 'Adds steps, working time, tokens or US dollars: {"steps": 20, "time": "2h", "cost": 5}.',
      validator: (extension) => {
        refuseWhenOver(run);
        refuseWrongExtension(run, extension);
      },
    },
  );
}

function refuseWhenOver(run: RunState): void {
  if (run.ending) throw ApplicationFailure.nonRetryable('the run is ending; nothing can be changed any more');
}

function refuseWrongExtension(run: RunState, extension: unknown): void {
  const parsed = extensionSchema.safeParse(extension);
  const problems = parsed.success
    ? (['tokens', 'cost'] as const)
        .filter((cap) => parsed.data[cap] !== undefined && run.spec.limits[cap] === undefined)
        .map((cap) => `$.${cap}: the run has no cap of this kind, so there is nothing to add to`)
    : parsed.error.issues.map((issue) => `${['$', ...issue.path.map(String)].join('.')}: ${issue.message}`);
  if (problems.length === 0) return;
  throw ApplicationFailure.nonRetryable(`the extension is wrong: ${problems.join('; ')}`);
}

function treePage(run: RunState, request: TreePageRequest = {}): TreePage {
  const after = request.after ?? 0;
  const limit = Math.min(request.limit ?? MOST_NODES_A_PAGE, MOST_NODES_A_PAGE);
  const rest = run.tree.all().filter((node) => node.id > after);
  const nodes = rest.slice(0, limit);
  return { nodes, next: rest.length > limit ? (nodes.at(-1)?.id ?? null) : null };
}
