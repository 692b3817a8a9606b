import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import { modelRoutes } from '../domain/resolved-model';
import type { RunSpec } from '../domain/run-spec';
import { differingFields } from '../domain/same-request';
import type { OpenRunInput, OpenRunResult } from '../domain/steps';
import { readRun } from '../store/read-run';
import type { CreateRunDependencies } from './create-run';
import { createRun } from './create-run';
import { recoverRun } from './recover-run';
import { replayedTree } from './replay-run';
import { requireEvaluation } from './run-evaluation';

export interface OpenRunDependencies extends CreateRunDependencies {
  readonly drainAt: OpenRunResult['drainAt'];
  /** Milliseconds the embedded server has been down in all its life; 0 on another server. */
  readonly serverDownMs: () => Promise<number>;
}

/**
 * Claims the run's directory: a new one for a new run, or the one that is there when it holds a run of the same
 * request, which is then rebuilt from its files. A fork begins with what it took over, as if that were its own.
 */
export function createOpenRun(dependencies: OpenRunDependencies): (input: OpenRunInput) => Promise<OpenRunResult> {
  return async ({ runId, spec }) => {
    const { store } = dependencies;
    const request = requestOf(spec, dependencies.tasks);
    const existing = await readRun(store, runId);
    if (existing !== null) refuseOtherRequest(runId, existing.request, request);
    const run = existing ?? (await createRun(dependencies, runId, spec, request));
    const hasNothingYet = existing === null && request.fork === undefined;
    return {
      seed: run.seed,
      direction: run.task.direction,
      modelRoutes: modelRoutes(run.models),
      serverDownMs: await dependencies.serverDownMs(),
      evaluation: await requireEvaluation(store, { runId, asked: run.request.evaluation, task: run.task }),
      reruns: run.task.reruns,
      recovered: hasNothingYet ? null : await recoverRun(store, runId, run.task.direction),
      replayed: request.replay === undefined ? null : await replayedTree(store, runId),
      drainAt: dependencies.drainAt,
    };
  };
}

/** The spec as it is kept and compared: without what the machine filled in, and with absolute paths. */
function requestOf(spec: RunSpec, tasks: string): RunSpec {
  const asked = { ...spec };
  delete asked.machineDefaults;
  const absolute = (place: string): string => path.resolve(tasks, place);
  const { task, prompts } = asked;
  return {
    ...asked,
    task: typeof task === 'string' ? absolute(task) : { ...task, data: absolute(task.data) },
    ...(prompts === undefined ? {} : { prompts: absolute(prompts) }),
  };
}

function refuseOtherRequest(runId: string, existing: RunSpec, asked: RunSpec): void {
  const fields = differingFields(existing, asked);
  if (fields.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `run id "${runId}" is in use for another request: ${fields.join(', ')} differ; use another id`,
    FailureType.RunIdInUse,
  );
}
