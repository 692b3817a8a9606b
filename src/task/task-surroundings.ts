import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Task, TaskFile } from '../domain/task';
import type { TaskRequest } from './task-file';
import { lookAt, TaskProblem } from './task-problem';

/** Names in a script's directory that are not its own to keep. */
const NOT_OUTPUTS: readonly string[] = ['solution.py', 'input'];

/** Interpreter, mounts and what else a task asks of a script's surroundings. */
export type TaskSurroundings = Pick<Task, 'requirements' | 'python' | 'mounts' | 'network' | 'gpus' | 'outputs'>;

/**
 * @throws TaskProblem when the interpreter or a mount is missing, a mount would show more than it should, or an output
 *   lies outside of the script's directory
 */
export async function settleSurroundings(request: TaskRequest, dataDirectory: string): Promise<TaskSurroundings> {
  const { requirements, network = 'off', gpus = 0, outputs = [] } = request.settings;
  return {
    requirements: requirements === undefined ? null : `requirements/${path.posix.normalize(requirements)}`,
    python: await settlePython(request),
    mounts: await settleMounts(request, dataDirectory),
    network,
    gpus,
    outputs: outputs.map((output) => settleOutput(request, output)),
  };
}

async function settlePython(request: TaskRequest): Promise<string | null> {
  const given = request.settings.python;
  if (given === undefined) return null;
  const python = path.resolve(request.directory, given);
  const state = await lookAt(python);
  if (!state.ok) throw wrong(request, 'python', given, `but ${python} ${state.problem}; give its whole path`);
  const canRun = state.stats.isFile() && (await canExecute(python));
  if (!canRun) throw wrong(request, 'python', given, `but ${python} is no program; give the path of an interpreter`);
  return python;
}

async function canExecute(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function settleMounts(request: TaskRequest, dataDirectory: string): Promise<string[]> {
  const mounts = [];
  for (const given of request.settings.mounts ?? []) {
    const mount = path.resolve(request.directory, given);
    const state = await lookAt(mount);
    if (!state.ok) throw wrong(request, 'mounts', given, `but ${mount} ${state.problem}; correct the path or make it`);
    if (!state.stats.isDirectory()) throw wrong(request, 'mounts', given, 'which is not a directory; name one');
    if (holds(mount, dataDirectory)) {
      throw wrong(request, 'mounts', given, `which shows scripts the original data in ${dataDirectory}; name less`);
    }
    mounts.push(mount);
  }
  return mounts;
}

/** Whether one directory is the other, holds it, or lies in it. */
function holds(one: string, other: string): boolean {
  const apart = (from: string, to: string): boolean => {
    const way = path.relative(from, to);
    return way === '..' || way.startsWith(`..${path.sep}`);
  };
  return !apart(one, other) || !apart(other, one);
}

function settleOutput(request: TaskRequest, given: string): string {
  const output = path.posix.normalize(given).replace(/\/$/, '');
  const [first = ''] = output.split('/');
  const outside = path.isAbsolute(given) || first === '..' || first === '.' || given.includes('\\');
  if (!outside && !NOT_OUTPUTS.includes(first)) return output;
  throw wrong(request, 'outputs', given, 'which no script can leave there; name a file such as working/model.txt');
}

function wrong(request: TaskRequest, key: keyof TaskFile, given: string, rest: string): TaskProblem {
  return new TaskProblem(`${request.nameSetting(key)} names ${given}, ${rest}.`);
}
