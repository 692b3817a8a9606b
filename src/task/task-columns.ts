import type { DataFile } from './data-files';
import { nearestNames } from './near-names';
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

/** A setting of the task, and by what it is known where its owner did not say it. */
export interface Settled {
  readonly value: string | null;
  /** Null when it was given, or when it is not known. */
  readonly reason: string | null;
}

const UNKNOWN: Settled = { value: null, reason: null };

/** Names under which a column identifies a row where no sample says so. */
const ID_NAME = /^(?:id|row_?id|index|.*_id|.*[a-z]Id)$/;

/** What stands before the name of a target in a text, and how far. */
const PREDICTS = /\b(?:predict|forecast|estimat|classif|determin|target|label|response)\w*\b/gi;
const REACH = 80;

/** Names that say by themselves that a column is to be predicted. */
const TARGET_NAMES: readonly string[] = ['target', 'label'];

/**
 * The column that identifies a row: as given, else the first one of the sample, else without a sample the only one of
 * the training table that is named like one and stands in the rows to predict, too.
 *
 * @throws TaskProblem when the given one is not in the sample, or without one not in the rows to predict or to learn from
 */
export function settleId(request: TaskRequest, { train, test, sample }: TaskTables): Settled {
  const given = request.settings.id;
  if (given !== undefined) {
    checkColumn(request, 'id', given, sample ?? test ?? train);
    return { value: given, reason: null };
  }
  if (sample !== null) {
    const value = sample.columns?.[0] ?? null;
    return value === null ? UNKNOWN : { value, reason: `the first column of ${sample.path}` };
  }
  const named = (train?.columns ?? []).filter((name) => ID_NAME.test(name) && test?.columns?.includes(name) !== false);
  const value = named.find((name) => name === 'id') ?? (named.length === 1 ? named[0] : undefined);
  return value === undefined ? UNKNOWN : { value, reason: `it is named like one in ${train?.path ?? ''}` };
}

/**
 * The column to predict: as given, else the only one besides the id that the sample (or, without a sample, the
 * training table) has and the rows to predict lack, else the one that the goal speaks of as predicted, else the one that
 * is named so; null when that leaves more than one or none.
 *
 * @throws TaskProblem when the given one is not in the training table
 */
export function settleTarget(request: TaskRequest, tables: TaskTables, id: string | null): Settled {
  const given = request.settings.target;
  if (given !== undefined) {
    checkColumn(request, 'target', given, tables.train);
    return { value: given, reason: null };
  }
  const train = tables.train?.columns;
  if (!train) return UNKNOWN;
  return fromTables(tables, train, id) ?? fromWords(request, tables, train, id) ?? UNKNOWN;
}

function fromTables(
  { train, test, sample }: TaskTables,
  columns: readonly string[],
  id: string | null,
): Settled | null {
  const lacking = test?.columns ?? null;
  const wanted = sample?.columns ?? (lacking === null ? null : columns);
  if (!wanted) return null;
  const candidates = wanted.filter((name) => name !== id && columns.includes(name) && lacking?.includes(name) !== true);
  const [value] = candidates;
  if (value === undefined || candidates.length > 1) return null;
  const lack = test === null || lacking === null ? '' : ` that ${test.path} lacks`;
  const source = sample?.columns ? sample.path : (train?.path ?? '');
  return { value, reason: `the only column of ${source}${id === null ? '' : ' besides the id'}${lack}` };
}

/** Where tables with rows to predict say otherwise, words do not count. */
function fromWords(
  { settings, source }: TaskRequest,
  { train, test, sample }: TaskTables,
  columns: readonly string[],
  id: string | null,
): Settled | null {
  if (test?.columns || sample?.columns) return null;
  const candidates = columns.filter((name) => name !== id);
  const spoken = candidates.filter((name) => isSpokenOf(settings.goal, name));
  const text = source === 'description' ? 'the description' : 'the goal';
  if (spoken.length === 1) return { value: spoken[0] ?? null, reason: `${text} speaks of predicting it` };
  const named = candidates.filter((name) => TARGET_NAMES.includes(name.toLowerCase()));
  if (named.length !== 1 || spoken.length > 1) return null;
  return { value: named[0] ?? null, reason: `it is named so in ${train?.path ?? ''}` };
}

function isSpokenOf(goal: string, column: string): boolean {
  const escaped = column.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[_ ]/g, '[_ ]');
  const word = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu');
  return [...goal.matchAll(PREDICTS)].some(({ index }) => word.test(goal.slice(index, index + REACH)));
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
  const place = `which is no column of ${table.path}`;
  throw new TaskProblem(`${request.nameSetting(key)} names ${name}, ${place}; ${meantColumns(name, columns, 'its')}`);
}

/** The columns that someone who wrote this name may have meant, else the first of those that there are. */
export function meantColumns(name: string, columns: readonly string[], whose: 'its' | 'their'): string {
  const similar = nearestNames(name, columns).slice(0, NAMES_SHOWN);
  if (similar.length > 0) return `did you mean ${similar.join(', ')}?`;
  return `${whose} columns are ${columns.slice(0, NAMES_SHOWN).join(', ')}${columns.length > NAMES_SHOWN ? ', …' : ''}.`;
}
