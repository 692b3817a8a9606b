import path from 'node:path';
import type { TaskFile } from '../domain/task';
import { walkFiles } from './file-tree';
import type { TaskRequest } from './task-file';
import { lookAt, TaskProblem, whyUnreadable } from './task-problem';

/** A file of the task that the run keeps a copy of. */
export interface BroughtFile {
  /** Where the copy lies below the run's `task/`, with forward slashes. */
  readonly name: string;
  readonly absolute: string;
}

/** Where the copies of one kind lie below the run's `task/`. */
export type BroughtKind = 'evaluation' | 'requirements' | 'scorer';

/** More is data, and belongs into the task's data directory or a mount. */
const MOST_BYTES = 1e9;

/** One mention of a file or directory in a task's settings. */
export interface Mention {
  readonly key: keyof TaskFile;
  /** Relative to `directory`. */
  readonly given: string;
  /** Absolute; the task's own directory, or one below it. */
  readonly directory: string;
}

/**
 * The files that a mention stands for: the file itself, or all below a directory. Their names start at the task's
 * directory.
 *
 * @throws TaskProblem when there is nothing, it cannot be read, or it lies outside of the task's directory
 */
export async function bring(request: TaskRequest, kind: BroughtKind, mention: Mention): Promise<BroughtFile[]> {
  const place = path.resolve(mention.directory, mention.given);
  const name = path.relative(request.directory, place).split(path.sep).join('/');
  if (name === '' || name === '..' || name.startsWith('../') || path.isAbsolute(mention.given)) {
    throw problemWith(request, mention, `which is not below ${request.directory}; copy it there`);
  }
  const state = await lookAt(place);
  if (!state.ok) throw problemWith(request, mention, `but ${place} ${state.problem}; correct the name or add it`);
  const found = state.stats.isDirectory() ? await filesBelow(place) : [{ path: '', absolute: place }];
  for (const { absolute } of found) {
    const problem = await whyUnreadable(absolute);
    if (problem !== null) throw problemWith(request, mention, `but ${absolute} ${problem}; make it readable`);
  }
  return found.map(({ path: below, absolute }) => ({
    name: [kind, name, below].filter((part) => part !== '').join('/'),
    absolute,
  }));
}

/**
 * Each file once.
 *
 * @throws TaskProblem when together they are too large to be copied into every run
 */
export async function withoutRepeats(files: readonly BroughtFile[]): Promise<readonly BroughtFile[]> {
  const unique = [...new Map(files.map((file) => [file.name, file])).values()];
  let bytes = 0;
  for (const { absolute } of unique) {
    const state = await lookAt(absolute);
    bytes += state.ok ? state.stats.size : 0;
  }
  if (bytes <= MOST_BYTES) return unique;
  throw new TaskProblem(
    `The files that the task brings along have ${(bytes / 1e9).toFixed(1)} GB, and every run copies them; at most 1 GB ` +
      'is taken. Put large ones into the data directory.',
  );
}

async function filesBelow(directory: string): Promise<{ readonly path: string; readonly absolute: string }[]> {
  const files = [];
  for await (const entry of walkFiles(directory)) files.push(entry);
  return files;
}

function problemWith(request: TaskRequest, { key, given }: Mention, rest: string): TaskProblem {
  return new TaskProblem(`${request.nameSetting(key)} names ${given}, ${rest}.`);
}
