import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { InlineTask } from '../domain/run-spec';
import { taskFileSchema } from '../domain/task';
import type { TaskFile } from '../domain/task';
import { lookAt, TaskProblem, whyUnreadable } from './task-problem';

/** Far more than any description needs; keeps a data file given by mistake from being read whole. */
const MAXIMUM_BYTES = 1024 * 1024;

const HOW_TO_GIVE_A_TASK = 'give a directory with a task.yaml, the task.yaml itself, or --data, --goal and --metric';

/** What the owner of a task said, before anything was looked up. */
export interface TaskRequest {
  readonly settings: TaskFile;
  readonly source: 'file' | 'inline';
  /** What relative paths of the settings start from. */
  readonly directory: string;
  /** Names a setting so that its owner finds it: `"target" in /tasks/a/task.yaml`. */
  readonly nameSetting: (key: keyof TaskFile) => string;
}

/** A task given by its parts instead of by a file. */
export function readInlineTask(task: InlineTask, baseDirectory: string): TaskRequest {
  const flags: readonly string[] = ['data', 'metric', 'direction'];
  return {
    settings: task,
    source: 'inline',
    directory: baseDirectory,
    nameSetting: (key) => (flags.includes(key) ? `--${key}` : `"${key}" of the task`),
  };
}

/**
 * Reads and checks a `task.yaml`, given as itself or as the directory that holds it.
 *
 * @throws TaskProblem when there is none or it is wrong; every mistake in it is named
 */
export async function readTaskFile(place: string): Promise<TaskRequest> {
  const file = await findTaskFile(place);
  const settings = checkShape(file, parseYaml(file, await readText(file)));
  return { settings, source: 'file', directory: path.dirname(file), nameSetting: (key) => `"${key}" in ${file}` };
}

async function findTaskFile(place: string): Promise<string> {
  const state = await lookAt(place);
  if (!state.ok) throw new TaskProblem(`Task ${place} ${state.problem}; ${HOW_TO_GIVE_A_TASK}.`);
  if (state.stats.isDirectory()) return path.join(place, 'task.yaml');
  if (/\.ya?ml$/i.test(place)) return place;
  throw new TaskProblem(`Task ${place} is neither a directory nor a .yaml file; ${HOW_TO_GIVE_A_TASK}.`);
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
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, content));
  throw new TaskProblem(`Task file ${file} is wrong: ${problems.join('; ')}.`);
}

function describeIssue(issue: z.core.$ZodIssue, content: object): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key}: no such key`);
  const key = issue.path.map(String).join('.');
  return [key in content ? `${key}: ${issue.message}` : `${key}: missing`];
}
