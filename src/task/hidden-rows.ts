import path from 'node:path';
import type { Task } from '../domain/task';
import type { BroughtFile } from './brought-files';
import { bring } from './brought-files';
import type { TaskTables } from './task-columns';
import { checkColumn } from './task-columns';
import type { TaskRequest } from './task-file';
import { TaskProblem } from './task-problem';

/**
 * How rows are to be withheld, and by what they are scored.
 *
 * @throws TaskProblem when a column is not in the training table, or the scorer is no Python file
 */
export function settleHiddenRows(request: TaskRequest, { train }: TaskTables): Pick<Task, 'group' | 'time' | 'scorer'> {
  const { group = null, time = null, scorer = null } = request.settings;
  if (group !== null) checkColumn(request, 'group', group, train);
  if (time !== null) checkColumn(request, 'time', time, train);
  if (group !== null && time !== null) {
    throw new TaskProblem(
      `${request.nameSetting('group')} and "time" exclude each other: rows are withheld by group or by time; drop one.`,
    );
  }
  if (scorer !== null && !scorer.endsWith('.py')) {
    throw new TaskProblem(
      `${request.nameSetting('scorer')} names ${scorer}, which is no Python file; give one with a function ` +
        'score(truth, predictions).',
    );
  }
  return { group, time, scorer: scorer === null ? null : `scorer/${path.posix.normalize(scorer)}` };
}

/** The file of a task's own scorer. */
export async function bringScorer(request: TaskRequest): Promise<BroughtFile[]> {
  const { scorer } = request.settings;
  if (scorer === undefined) return [];
  return bring(request, 'scorer', { key: 'scorer', given: scorer, directory: request.directory });
}
