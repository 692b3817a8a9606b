import path from 'node:path';
import { OFFLINE, isOffline } from '../domain/resolved-model';
import { offlineModels, settleModels } from '../llm/models/resolve-models';
import type { RunView } from '../report/run-view';
import { recordsOf } from '../report/run-view';
import { noStepLeft, takenOver } from '../report/taken-over';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';
import { modelsOfFlags } from './models-file';
import { notifyWish } from './notify-wish';
import type { RunRequest, SpecWish } from './request';
import { checkRunId, checkWish, given } from './request';
import type { RequestFlags } from './request-flags';

/** Flags of `fork`: what of the source's request is to be otherwise. */
export type ForkFlags = Pick<
  RequestFlags,
  | 'steps'
  | 'parallel'
  | 'slots'
  | 'model'
  | 'models'
  | 'reviewModel'
  | 'seed'
  | 'timeLimit'
  | 'deadline'
  | 'scriptTimeout'
  | 'maxTokens'
  | 'maxCost'
  | 'targetScore'
  | 'patience'
  | 'isolation'
  | 'prompts'
  | 'keep'
  | 'maxDisk'
  | 'notifyCommand'
  | 'notifyWebhook'
  | 'notifyOn'
  | 'runId'
  | 'address'
>;

/** Flags of `replay`; all else is as the source had it. */
export type ReplayFlags = Pick<RequestFlags, 'parallel' | 'slots' | 'runId' | 'address'>;

/**
 * The request of a run that takes over another one up to a node. What is not asked for is as the source's request had
 * it; its limits are those that the source had in the end, extensions included.
 *
 * @throws CommandFailure (exit 2) when the flags are wrong or no step would be left
 */
export async function forkRequest(
  context: CommandContext,
  source: RunView,
  node: number,
  flags: ForkFlags,
): Promise<RunRequest> {
  const { request } = source.run;
  const fork = { run: source.runId, node };
  const { input, spec } = checkWish(context, {
    ...request,
    replay: undefined,
    steps: flags.steps ?? source.state?.stepsTotal ?? request.steps,
    ...given({
      parallel: flags.parallel,
      seed: flags.seed,
      target: flags.targetScore,
      patience: flags.patience,
      isolation: flags.isolation,
      keep: flags.keep,
      notify: notifyWish(flags),
      prompts: flags.prompts === undefined ? undefined : path.resolve(context.workingDirectory, flags.prompts),
    }),
    models: await modelsWanted(context, source, flags),
    limits: forkLimits(source, flags),
    fork,
  });
  const problem = noStepLeft(fork, takenOver(recordsOf(source), node).length, spec.steps);
  if (problem !== null) throw wrongInput(problem);
  const resolved = await settleModels(spec, context.settings.environment);
  if (!resolved.ok) throw wrongInput(resolved.message);
  return { input, spec, models: resolved.models, ...settled(source), runId: checkRunId(flags.runId) };
}

/** The source's own, also where it was offline and this machine names a model since. */
async function modelsWanted(context: CommandContext, { run }: RunView, flags: ForkFlags): Promise<SpecWish> {
  const before = isOffline(run.models) ? { default: OFFLINE } : run.request.models;
  const asked = await modelsOfFlags(context, flags);
  return flags.model === undefined && flags.models === undefined ? { ...before, ...asked } : asked;
}

/** A deadline of the source has passed, or is about its own end. */
function forkLimits({ run, state }: RunView, flags: ForkFlags): SpecWish {
  const { time, tokens, cost, runDisk, ...others } = run.request.limits;
  const extended = (limit: number | undefined, by: number | undefined): number | undefined =>
    limit === undefined ? undefined : limit + (by ?? 0);
  return given({
    ...others,
    time: flags.timeLimit ?? extended(time, state?.extendedSeconds),
    tokens: flags.maxTokens ?? extended(tokens, state?.extendedTokens),
    cost: flags.maxCost ?? extended(cost, state?.extendedCostUsd),
    script: flags.scriptTimeout ?? others.script,
    runDisk: flags.maxDisk ?? extended(runDisk, state?.extendedDiskBytes),
    deadline: flags.deadline,
  });
}

/**
 * The request of a run that runs the scripts of another one again. Nothing but the scripts' own limits bounds it: it
 * ends when all of them have run.
 *
 * @throws CommandFailure (exit 2) when the flags are wrong
 */
export function replayRequest(context: CommandContext, source: RunView, flags: ReplayFlags): RunRequest {
  const { task, policy, memory, evaluation, isolation, network, limits } = source.run.request;
  const { script, memory: scriptMemory, disk, processes } = limits;
  const { input, spec } = checkWish(context, {
    task,
    steps: recordsOf(source).length,
    seed: source.run.seed,
    policy,
    memory,
    evaluation,
    isolation,
    limits: given({ script, memory: scriptMemory, disk, processes }),
    ...given({ network, parallel: flags.parallel }),
    replay: source.runId,
  });
  return { input, spec, models: offlineModels(), ...settled(source), runId: checkRunId(flags.runId) };
}

function settled({ run, evaluation }: RunView): Pick<RunRequest, 'task' | 'isGraded'> {
  return { task: run.task, isGraded: evaluation !== null && evaluation.kind !== 'reported' };
}
