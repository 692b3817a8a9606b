import path from 'node:path';
import type { Direction } from '../domain/direction';
import { knownDirection, knownMetrics, normalizeMetricName } from '../domain/metrics';
import type { RunSpec } from '../domain/run-spec';
import type { Inferred, Task } from '../domain/task';
import { inferredSchema, PLAIN_TASK } from '../domain/task';
import type { BroughtFile } from './brought-files';
import { withoutRepeats } from './brought-files';
import { bringEvaluator, settleEvaluation } from './command-evaluation';
import { requireColumnsAnywhere } from './columns-anywhere';
import { settleDataDirectory, settleFile } from './data-files';
import { bringScorer, settleHiddenRows } from './hidden-rows';
import { bringRequirements } from './requirement-files';
import { closestNames } from './near-names';
import { settleId, settleTarget } from './task-columns';
import type { Settled, TaskTables } from './task-columns';
import { readInlineTask, readTask } from './task-file';
import type { TaskRequest } from './task-file';
import { TaskProblem } from './task-problem';
import { settleSurroundings } from './task-surroundings';

export type LoadedTask =
  | {
      readonly ok: true;
      readonly task: Task;
      /** The task's own files, of which the run keeps copies. */
      readonly files: readonly BroughtFile[];
      /** Absolute path of a directory with prompt templates of the task's own; null without. */
      readonly prompts: string | null;
    }
  /** One line: what is wrong, where, and what to do. */
  | { readonly ok: false; readonly message: string };

/** Directory names that say nothing of the task; the directory above names it then. */
const NAMELESS: readonly string[] = ['input', 'data'];

/**
 * Settles everything a run needs to know of its task. Of the data only the first bytes of each file are read, so it
 * is quick whatever their size.
 *
 * @param spec what to load: a directory with a `task.yaml` or `description.md`, one of these files itself, or its
 *   settings; relative paths start at `baseDirectory`
 * @throws only what the owner of the task cannot mend, such as a failing disk
 */
export async function loadTask(
  { task, corrections = {} }: Pick<RunSpec, 'task' | 'corrections'>,
  baseDirectory: string,
): Promise<LoadedTask> {
  try {
    if (typeof task !== 'string' && Object.keys(corrections).length > 0) {
      throw new TaskProblem('Corrections are for a task given by its path; write them into the task itself.');
    }
    const request =
      typeof task === 'string'
        ? await readTask(path.resolve(baseDirectory, task), corrections)
        : readInlineTask(task, baseDirectory);
    const settled = await settleTask(request);
    const { prompts } = request.settings;
    return {
      ok: true,
      task: settled,
      files: await bringFiles(request, settled.dataDirectory),
      prompts: prompts === undefined ? null : path.resolve(request.directory, prompts),
    };
  } catch (error) {
    if (error instanceof TaskProblem) return { ok: false, message: error.message };
    throw error;
  }
}

async function settleTask(request: TaskRequest): Promise<Task> {
  const { settings } = request;
  const direction = settleDirection(request);
  const dataDirectory = await settleDataDirectory(request);
  const tables = {
    train: await settleFile(request, dataDirectory, 'train'),
    test: await settleFile(request, dataDirectory, 'test'),
    sample: await settleFile(request, dataDirectory, 'sample'),
  };
  await requireColumnsAnywhere(request, dataDirectory, tables);
  const id = settleId(request, tables);
  const target = settleTarget(request, tables, id.value);
  return {
    name: safeName(settings.name ?? directoryName(request, dataDirectory)),
    goal: settings.goal.trim(),
    dataDirectory,
    metric: settings.metric.trim(),
    direction: direction.value,
    target: target.value,
    id: id.value,
    train: tables.train?.path ?? null,
    test: tables.test?.path ?? null,
    sample: tables.sample?.path ?? null,
    ...PLAIN_TASK,
    evaluation: settleEvaluation(request),
    ...settleHiddenRows(request, tables),
    ...(await settleSurroundings(request, dataDirectory)),
    reruns: settings.reruns ?? 0,
    inferred: [...request.inferred, ...inferredFrom(tables, { direction, target, id })],
  };
}

function inferredFrom(
  { train, test, sample }: TaskTables,
  settled: Readonly<Record<'direction' | 'target' | 'id', Settled>>,
): readonly Inferred[] {
  const files = Object.entries({ train, test, sample }).map(
    ([what, file]) => [what, { value: file?.path ?? null, reason: file?.reason ?? null }] as const,
  );
  const known: readonly (readonly [string, Settled])[] = [...files, ...Object.entries(settled)];
  return known.flatMap(([what, { value, reason }]) =>
    value === null || reason === null ? [] : [inferredSchema.parse({ what, value, reason })],
  );
}

async function bringFiles(request: TaskRequest, dataDirectory: string): Promise<readonly BroughtFile[]> {
  const evaluator = await bringEvaluator(request, dataDirectory);
  return withoutRepeats([...evaluator, ...(await bringRequirements(request)), ...(await bringScorer(request))]);
}

function settleDirection(request: TaskRequest): Settled & { readonly value: Direction } {
  const { metric, direction } = request.settings;
  if (direction !== undefined) return { value: direction, reason: null };
  const known = knownDirection(metric);
  if (known !== null) return { value: known, reason: `more ${metric} is ${known === 'maximize' ? 'better' : 'worse'}` };
  const must = `${request.nameSetting('direction')} must be given: maximize or minimize.`;
  const meant = closestNames(normalizeMetricName(metric), knownMetrics()).map((name) => JSON.stringify(name));
  throw new TaskProblem(
    meant.length === 0
      ? `Metric ${metric} is not known here, so ${must}`
      : `Metric ${metric} is not known here; did you mean ${meant.join(' or ')}? For one of your own, ${must}`,
  );
}

function directoryName(request: TaskRequest, dataDirectory: string): string {
  const directory = request.source === 'inline' ? dataDirectory : request.directory;
  const name = path.basename(directory);
  return NAMELESS.includes(name.toLowerCase()) ? path.basename(path.dirname(directory)) : name;
}

/** Run ids and directories are made of the name, so only letters, digits, dots and the like stay. */
function safeName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 80)
    .replace(/^[-._]+|[-._]+$/g, '');
  return plain === '' ? 'task' : plain;
}
