import type { RoleModels } from '../domain/model-setting';
import type { RunFile } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parseRunSpec } from '../domain/run-spec';
import { MAIN_TASK_QUEUE } from '../domain/task-queues';
import { shellWord } from './shell-word';

/**
 * A line that asks for the same run with the same seed, under a run id of its own: of the `coppice` command where its
 * flags can say all of it, else of the `temporal` command.
 */
export function reproduceCommand(run: RunFile): string {
  const spec: RunSpec = { ...run.request, seed: run.seed, parallel: run.parallel };
  const words = ['npx', 'coppice', 'run', ...runFlags(spec)];
  return flagsSayAll(spec) ? words.map(shellWord).join(' ') : temporalStartLine(`${run.runId}-again`, spec);
}

/** The `temporal workflow start` line that starts a run of this spec; `address` only for another than the default. */
export function temporalStartLine(runId: string, spec: unknown, address?: string): string {
  const words = [
    ...['temporal', 'workflow', 'start', '--type', 'treeSearch', '--task-queue', MAIN_TASK_QUEUE],
    ...['--workflow-id', runId],
    ...(address === undefined ? [] : ['--address', address]),
    ...['--input', JSON.stringify(spec)],
  ];
  return words.map(shellWord).join(' ');
}

function runFlags(spec: RunSpec): string[] {
  const { limits, models } = spec;
  return [
    ...taskFlags(spec),
    ...['--steps', String(spec.steps), '--parallel', String(spec.parallel), '--seed', String(spec.seed)],
    ...flag('--model', plainName(models.default)),
    ...flag('--review-model', plainName(models.review)),
    ...flag('--time-limit', limits.time === undefined ? undefined : `${limits.time}s`),
    ...flag('--script-timeout', `${limits.script}s`),
    ...flag('--max-tokens', limits.tokens),
    ...flag('--max-cost', limits.cost),
    ...flag('--target-score', spec.target),
    ...flag('--patience', spec.patience),
    ...flag('--evaluation', spec.evaluation === 'auto' ? undefined : spec.evaluation),
    ...flag('--isolation', spec.isolation === 'auto' ? undefined : spec.isolation),
    ...flag('--network', spec.network),
  ];
}

function taskFlags({ task }: RunSpec): string[] {
  if (typeof task === 'string') return [task];
  const { data, goal, metric, direction, target } = task;
  return [
    ...['--data', data, '--goal', goal, '--metric', metric],
    ...flag('--direction', direction),
    ...flag('--target', target),
  ];
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}

/** A deadline has passed by the time of a repetition; all else that the flags leave out keeps them from being used. */
function flagsSayAll(spec: RunSpec): boolean {
  const { task, models, limits } = spec;
  const plain = parseRunSpec({ task: '.' });
  const asUsual = (key: 'policy' | 'memory'): boolean =>
    plain.ok && JSON.stringify(plain.spec[key]) === JSON.stringify(spec[key]);
  const perRole = models.draft ?? models.improve ?? models.debug ?? models.digest ?? models.report;
  const withSettings = [models.default, models.review].some(
    (model) => model !== undefined && typeof model !== 'string',
  );
  const withoutFlag = [limits.memory, limits.disk, limits.processes, spec.prompts, spec.replay, spec.fork];
  return (
    asUsual('policy') &&
    asUsual('memory') &&
    perRole === undefined &&
    !withSettings &&
    withoutFlag.every((value) => value === undefined) &&
    (typeof task === 'string' || task.id === undefined)
  );
}

function plainName(models: RoleModels | undefined): string | undefined {
  return typeof models === 'string' ? models : undefined;
}
