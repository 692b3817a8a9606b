import path from 'node:path';
import type { Task, TaskFile } from '../domain/task';
import type { BroughtFile } from './brought-files';
import { bring } from './brought-files';
import type { TaskRequest } from './task-file';
import { lookAt, TaskProblem } from './task-problem';

type CommandSettings = Exclude<NonNullable<TaskFile['evaluation']>, string>;

/** Names in the directory of an evaluation that belong to what is evaluated. */
const TAKEN: readonly string[] = ['solution.py', 'input', 'working'];

export function settleEvaluation({ settings }: TaskRequest): Task['evaluation'] {
  return settings.evaluation ?? null;
}

/**
 * The files of a task's evaluator: those listed, and those that the command itself names. Empty for a task without.
 *
 * @throws TaskProblem when one is missing, lies outside of the task's directory, or would replace the script's own
 */
export async function bringEvaluator(request: TaskRequest, dataDirectory: string): Promise<BroughtFile[]> {
  const { evaluation } = request.settings;
  if (evaluation === undefined || typeof evaluation === 'string') return [];
  const outputs = (request.settings.outputs ?? []).map(topOf);
  const names = [...evaluation.files, ...(await namedByCommand(request, evaluation, dataDirectory))];
  const found = [];
  for (const given of names) {
    const first = topOf(given);
    if (TAKEN.includes(first) || outputs.includes(first)) {
      throw new TaskProblem(
        `${request.nameSetting('evaluation')} names the file ${given}, whose place the script's own ${first} takes; ` +
          'give it another name.',
      );
    }
    found.push(await bring(request, 'evaluation', { key: 'evaluation', given, directory: request.directory }));
  }
  return found.flat();
}

function topOf(name: string): string {
  return path.posix.normalize(name).split('/')[0] ?? name;
}

/** Words of the command that are files beside the task file: `evaluate.py` in `python evaluate.py --quick`. */
async function namedByCommand(
  request: TaskRequest,
  { command }: CommandSettings,
  dataDirectory: string,
): Promise<string[]> {
  const named = [];
  for (const word of command.split(/[\s'"=;|&<>()]+/)) {
    const place = path.resolve(request.directory, word);
    const below = path.relative(request.directory, place);
    if (word === '' || path.isAbsolute(word) || below.startsWith('..')) continue;
    if (!path.relative(dataDirectory, place).startsWith('..') || TAKEN.includes(below.split(path.sep)[0] ?? ''))
      continue;
    const state = await lookAt(place);
    if (state.ok && state.stats.isFile()) named.push(word);
  }
  return named;
}
