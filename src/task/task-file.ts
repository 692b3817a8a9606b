import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { inputProblemsInWords } from '../domain/input-problems';
import type { Corrections, InlineTask } from '../domain/run-spec';
import { taskFileSchema } from '../domain/task';
import type { Inferred, TaskFile } from '../domain/task';
import { findDescription, isDescription, readDescription } from './description';
import { lookAt, TaskProblem, whyUnreadable } from './task-problem';

const TASK_FILE = 'task.yaml';

/** Far more than any description needs; keeps a data file given by mistake from being read whole. */
const MAXIMUM_BYTES = 1024 * 1024;

const HOW_TO_GIVE_A_TASK =
  'give a directory with a task.yaml or a description.md, one of these files itself, or --data, --goal and --metric';

/** What the owner of a task said, before anything was looked up. */
export interface TaskRequest {
  readonly settings: TaskFile;
  readonly source: 'file' | 'description' | 'inline';
  /** What relative paths of the settings start from. */
  readonly directory: string;
  /** Names a setting so that its owner finds it: `"target" in /tasks/a/task.yaml`. */
  readonly nameSetting: (key: keyof TaskFile) => string;
  /** What of the settings its owner did not say. */
  readonly inferred: readonly Inferred[];
}

/** Settings that may be corrected, as flags are named. */
const FLAGS: readonly string[] = ['data', 'goal', 'metric', 'direction', 'target', 'id', 'train', 'test', 'sample'];

/** A task given by its parts instead of by a file. */
export function readInlineTask(task: InlineTask, baseDirectory: string): TaskRequest {
  return {
    settings: task,
    source: 'inline',
    directory: baseDirectory,
    nameSetting: (key) => (FLAGS.includes(key) ? `--${key}` : `"${key}" of the task`),
    inferred: [],
  };
}

/**
 * Reads and checks a task given by its path: a `task.yaml` or `description.md`, or a directory that holds one. In a
 * directory with both the `task.yaml` counts; a file that is named counts in any case.
 *
 * @param corrections settings that replace those of the file
 * @throws TaskProblem when there is none or it is wrong; every mistake in it is named
 */
export async function readTask(place: string, corrections: Corrections): Promise<TaskRequest> {
  const file = await findTaskFile(place);
  if (isDescription(file)) return readDescription(file, corrections);
  const description = path.basename(file) === TASK_FILE ? await findDescription(path.dirname(file)) : null;
  if (description !== null && !(await lookAt(file)).ok) return readDescription(description, corrections);
  const written = checkShape(file, parseYaml(file, await readText(file)));
  const { goal = written.goal, metric = written.metric } = corrections;
  return {
    settings: { ...written, ...corrections, goal, metric },
    source: 'file',
    directory: path.dirname(file),
    nameSetting: (key) => (key in corrections ? `--${key}` : `"${key}" in ${file}`),
    inferred: [],
  };
}

async function findTaskFile(place: string): Promise<string> {
  const state = await lookAt(place);
  if (!state.ok) throw new TaskProblem(`Task ${place} ${state.problem}; ${HOW_TO_GIVE_A_TASK}.`);
  if (state.stats.isDirectory()) return path.join(place, TASK_FILE);
  if (/\.ya?ml$/i.test(place) || isDescription(place)) return place;
  throw new TaskProblem(
    `Task ${place} is neither a directory, a .yaml file nor a description.md; ${HOW_TO_GIVE_A_TASK}.`,
  );
}

async function readText(file: string): Promise<string> {
  const state = await lookAt(file);
  const problem = state.ok ? await whyUnreadable(file) : state.problem;
  if (problem !== null) throw new TaskProblem(`Task file ${file} ${problem}; ${HOW_TO_GIVE_A_TASK}.`);
  if (state.ok && state.stats.size > MAXIMUM_BYTES) {
    throw new TaskProblem(`Task file ${file} is larger than 1 MiB; ${HOW_TO_GIVE_A_TASK}.`);
  }
  return readFile(file, 'utf8');
}

function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first !== undefined) throw new TaskProblem(`Task file ${file} is not valid YAML: ${firstSentence(first)}.`);
  try {
    return document.toJS();
  } catch (error) {
    throw new TaskProblem(`Task file ${file} is not valid YAML: ${firstSentence(error)}.`);
  }
}

function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').replace(/[:.]$/, '');
}

function checkShape(file: string, content: unknown): TaskFile {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TaskProblem(`Task file ${file} holds no settings; write at least "goal: …" and "metric: …" in it.`);
  }
  const parsed = taskFileSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new TaskProblem(`Task file ${file} is wrong: ${inputProblemsInWords(parsed.error)}.`);
}
