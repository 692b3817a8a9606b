import type { DataFile } from './data-files';
import type { TaskRequest } from './task-file';
import { TaskProblem } from './task-problem';

/** At most this many column names stand in a message. */
const NAMES_SHOWN = 10;

/** The tables of a task as far as they are there. */
export interface TaskTables {
  readonly train: DataFile | null;
  readonly test: DataFile | null;
  readonly sample: DataFile | null;
}

/**
 * The column that identifies a row: as given, else the first one of the sample, else null.
 *
 * @throws TaskProblem when the given one is not in the sample
 */
export function settleId(request: TaskRequest, { sample }: TaskTables): string | null {
  const given = request.settings.id;
  if (given === undefined) return sample?.columns?.[0] ?? null;
  checkColumn(request, 'id', given, sample);
  return given;
}

/**
 * The column to predict: as given, else the only one besides the id that the sample (or, without a sample, the
 * training table) has and the rows to predict lack; null when that leaves more than one or none.
 *
 * @throws TaskProblem when the given one is not in the training table
 */
export function settleTarget(request: TaskRequest, tables: TaskTables, id: string | null): string | null {
  const given = request.settings.target;
  if (given !== undefined) {
    checkColumn(request, 'target', given, tables.train);
    return given;
  }
  const train = tables.train?.columns;
  const test = tables.test?.columns;
  const wanted = tables.sample?.columns ?? (test ? train : null);
  if (!train || !wanted) return null;
  const candidates = wanted.filter((name) => name !== id && train.includes(name) && !test?.includes(name));
  return candidates.length === 1 ? (candidates[0] ?? null) : null;
}

/** @throws TaskProblem when the table is there and has no such column, with the columns that may be meant */
export function checkColumn(
  request: TaskRequest,
  key: 'id' | 'target' | 'group' | 'time',
  name: string,
  table: DataFile | null,
): void {
  const columns = table?.columns;
  if (table === null || !columns || columns.includes(name)) return;
  const similar = nearestNames(name, columns);
  const hint =
    similar.length > 0
      ? `did you mean ${similar.join(', ')}?`
      : `its columns are ${columns.slice(0, NAMES_SHOWN).join(', ')}${columns.length > NAMES_SHOWN ? ', …' : ''}.`;
  throw new TaskProblem(`${request.nameSetting(key)} names ${name}, which is no column of ${table.path}; ${hint}`);
}

function nearestNames(name: string, columns: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(name.length / 3));
  return columns
    .map((column) => ({ column, distance: editDistance(name.toLowerCase(), column.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, NAMES_SHOWN)
    .map(({ column }) => column);
}

/** Least number of letters to add, drop or change to make one word of the other. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
