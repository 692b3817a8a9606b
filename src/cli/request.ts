import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedModels } from '../domain/resolved-model';
import type { InputProblem } from '../domain/input-problems';
import type { RunSpec } from '../domain/run-spec';
import { parseRunSpec, runIdSchema } from '../domain/run-spec';
import type { Task } from '../domain/task';
import { settleEvaluation } from '../grading/settle-evaluation';
import { valueOf } from '../llm/endpoint';
import { settleModels } from '../llm/models/resolve-models';
import { readOwnTemplates } from '../llm/prompts/own-templates';
import { loadTask } from '../task/load-task';
import { PACKAGE_DIRECTORY } from '../workers/settings';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';
import { modelsOfFlags } from './models-file';
import { notifyWish } from './notify-wish';
import type { RequestFlags } from './request-flags';

/** A run spec as it is written down, before it is checked. */
export type SpecWish = Readonly<Record<string, unknown>>;

/** A run asked for on the command line, checked as far as this machine can. */
export interface RunRequest {
  /** Only what was given, as it goes to the server. */
  readonly input: SpecWish;
  readonly spec: RunSpec;
  readonly task: Task;
  readonly models: ResolvedModels;
  /** Whether scripts are, or may be, scored by a grade worker. */
  readonly isGraded: boolean;
  /** As named by a person; null when coppice is to find or make one. */
  readonly runId: string | null;
}

const FLAG_BY_PATH: Readonly<Record<string, string>> = {
  '$.task.data': '--data',
  '$.task.goal': '--goal',
  '$.task.metric': '--metric',
  '$.task.target': '--target',
  '$.corrections.goal': '--goal',
  '$.corrections.metric': '--metric',
  '$.corrections.target': '--target',
  '$.steps': '--steps',
  '$.parallel': '--parallel',
  '$.seed': '--seed',
  '$.models.default': '--model',
  '$.models.review': '--review-model',
  '$.limits.time': '--time-limit',
  '$.limits.deadline': '--deadline',
  '$.limits.script': '--script-timeout',
  '$.limits.tokens': '--max-tokens',
  '$.limits.cost': '--max-cost',
  '$.prompts': '--prompts',
  '$.target': '--target-score',
  '$.patience': '--patience',
  '$.evaluation': '--evaluation',
  '$.isolation': '--isolation',
  '$.network': '--network',
  '$.limits.runDisk': '--max-disk',
  '$.notify': '--notify-on',
  '$.notify.command': '--notify-command',
  '$.notify.webhook': '--notify-webhook',
  '$.notify.on': '--notify-on',
  '$.machineDefaults.parallel': '--slots',
};

/**
 * Checks a request before anything is made or started.
 *
 * @param context with the slots the request's default parallelism comes from
 * @throws CommandFailure (exit 2) with one line that says what is wrong
 */
export async function readRequest(
  context: CommandContext,
  taskArgument: string | undefined,
  flags: RequestFlags,
): Promise<RunRequest> {
  const { input, spec } = checkWish(context, await specInput(context, taskArgument, flags));
  const loaded = await loadTask(spec, context.workingDirectory);
  if (!loaded.ok) throw wrongInput(loaded.message);
  const evaluation = await settleEvaluation(spec.evaluation, loaded.task);
  if (evaluation.status === 'impossible') throw wrongInput(evaluation.message);
  await requirePrompts(spec.prompts ?? loaded.prompts);
  const resolved = await settleModels(spec, context.settings.environment);
  if (!resolved.ok) throw wrongInput(resolved.message);
  return {
    input,
    spec,
    task: loaded.task,
    models: resolved.models,
    isGraded: evaluation.status === 'open' || evaluation.file.kind !== 'reported',
    runId: checkRunId(flags.runId),
  };
}

/**
 * Checks a spec and adds what this machine fills in.
 *
 * @throws CommandFailure (exit 2) that names every problem by its flag
 */
export function checkWish(context: CommandContext, wish: SpecWish): Pick<RunRequest, 'input' | 'spec'> {
  const input = { ...wish, machineDefaults: { parallel: context.settings.slots } };
  const parsed = parseRunSpec(input);
  if (!parsed.ok) throw wrongInput(parsed.problems.map(problemInWords).join('; '));
  return { input, spec: parsed.spec };
}

/** @throws CommandFailure (exit 2) when a prompt template of one's own is wrong */
async function requirePrompts(directory: string | null): Promise<void> {
  const own = directory === null ? null : await readOwnTemplates(directory);
  if (own?.ok === false) throw wrongInput(own.message);
}

async function specInput(
  context: CommandContext,
  taskArgument: string | undefined,
  flags: RequestFlags,
): Promise<SpecWish> {
  const usual = given({ default: valueOf(context.settings.environment, 'COPPICE_MODEL') ?? undefined });
  const models = { ...usual, ...(await modelsOfFlags(context, flags)) };
  const limits = given({
    time: flags.timeLimit,
    deadline: flags.deadline,
    script: flags.scriptTimeout,
    tokens: flags.maxTokens,
    cost: flags.maxCost,
    runDisk: flags.maxDisk,
  });
  return {
    ...taskInput(context, taskArgument, flags),
    ...given({
      steps: flags.steps,
      parallel: flags.parallel,
      seed: flags.seed,
      prompts: flags.prompts === undefined ? undefined : path.resolve(context.workingDirectory, flags.prompts),
      target: flags.targetScore,
      patience: flags.patience,
      evaluation: flags.evaluation,
      isolation: flags.isolation,
      network: flags.network,
      keep: flags.keep,
      samples: flags.samples === false ? false : undefined,
      notify: notifyWish(flags),
    }),
    ...(Object.keys(models).length > 0 ? { models } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

function taskInput(context: CommandContext, taskArgument: string | undefined, flags: RequestFlags): SpecWish {
  const { data, goal, metric, direction, target, id, train, test, sample } = flags;
  const settings = given({ goal, metric, direction, target, id, train, test, sample });
  if (taskArgument !== undefined) {
    if (data !== undefined) throw wrongInput('give either a task directory or --data, not both');
    const task = resolveTaskPath(context, taskArgument);
    return Object.keys(settings).length === 0 ? { task } : { task, corrections: settings };
  }
  if (data === undefined || goal === undefined || metric === undefined) {
    throw wrongInput(
      'give a task: a directory with a task.yaml or a description.md, that file itself, or --data DIR --goal TEXT --metric NAME',
    );
  }
  return { task: { data: path.resolve(context.workingDirectory, data), ...settings } };
}

/** Relative to where the command was typed, else to the checkout, so that examples are found from anywhere. */
function resolveTaskPath(context: CommandContext, argument: string): string {
  const here = path.resolve(context.workingDirectory, argument);
  const inCheckout = path.resolve(PACKAGE_DIRECTORY, argument);
  return !existsSync(here) && existsSync(inCheckout) ? inCheckout : here;
}

/** @throws CommandFailure (exit 2) when the id cannot name a run */
export function checkRunId(runId: string | undefined): string | null {
  if (runId === undefined) return null;
  const parsed = runIdSchema.safeParse(runId);
  if (parsed.success) return parsed.data;
  throw wrongInput(`--run-id: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
}

function problemInWords({ path: place, message }: InputProblem): string {
  return `${FLAG_BY_PATH[place.replace(/\[\d+\]$/, '')] ?? place}: ${message}`;
}

/** The fields that have a value: what was not asked for is left open. */
export function given(fields: SpecWish): SpecWish {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
