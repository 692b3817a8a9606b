import path from 'node:path';
import type { RunFile, StateFile } from '../domain/run-files';
import { stateFileSchema } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { differingFields } from '../domain/same-request';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { readRun } from '../store/read-run';
import { wrongInput } from './command-failure';
import type { CommandContext } from './command-context';
import type { RunState } from './json-output';
import type { LiveRuns } from './live-run';
import type { RunRequest } from './request';
import { runStateOf } from './run-state';

/**
 * Which run a request is about:
 *
 * - `new`: none yet; `first` is the lowest number free for `<task>-<n>`, or the id that a person named
 * - `unfinished`: it goes on, wherever it stands
 * - `over`: nothing is left to do
 */
export type ChosenRun =
  | { readonly kind: 'new'; readonly named: string }
  | { readonly kind: 'new'; readonly named: null; readonly first: number }
  | { readonly kind: 'unfinished'; readonly runId: string }
  | { readonly kind: 'over'; readonly runId: string };

/** Asks the server what a run without files was started with; null when it cannot tell. */
export type AskStartedSpec = (runId: string) => Promise<RunSpec | null>;

interface StoredRun {
  readonly run: RunFile;
  readonly state: RunState;
}

/**
 * Finds the run that a request goes on with: the one named, else the newest unfinished one that was asked for in the
 * same way.
 *
 * @throws CommandFailure (exit 2) when the named run was asked for differently
 */
export async function chooseRun(
  context: CommandContext,
  request: RunRequest,
  live: LiveRuns,
  askStartedSpec: AskStartedSpec,
): Promise<ChosenRun> {
  if (request.runId !== null) return chooseNamed(context, request, request.runId, live, askStartedSpec);
  const stored = await readStoredRuns(context, live);
  const unfinished = stored
    .filter(({ run, state }) => !isOver(state) && differences(context, run.request, request).length === 0)
    .sort((left, right) => right.run.createdAt.localeCompare(left.run.createdAt))[0];
  if (unfinished !== undefined) return { kind: 'unfinished', runId: unfinished.run.runId };

  const known = new Set(stored.map(({ run }) => run.runId));
  for (const [runId, status] of live.server === 'answers' ? live.statuses : []) {
    if (status !== 'running' || known.has(runId)) continue;
    const spec = await askStartedSpec(runId);
    if (spec !== null && differences(context, spec, request).length === 0) return { kind: 'unfinished', runId };
  }
  return { kind: 'new', named: null, first: await firstFreeNumber(context, request.task.name) };
}

async function chooseNamed(
  context: CommandContext,
  request: RunRequest,
  runId: string,
  live: LiveRuns,
  askStartedSpec: AskStartedSpec,
): Promise<ChosenRun> {
  const stored = await readStoredRun(context, runId, live);
  if (stored !== null) {
    refuseOther(context, runId, stored.run.request, request);
    return { kind: isOver(stored.state) ? 'over' : 'unfinished', runId };
  }
  if (live.server !== 'answers' || live.statuses.get(runId) !== 'running') return { kind: 'new', named: runId };
  const spec = await askStartedSpec(runId);
  if (spec !== null) refuseOther(context, runId, spec, request);
  return { kind: 'unfinished', runId };
}

function refuseOther(context: CommandContext, runId: string, existing: RunSpec, request: RunRequest): void {
  const fields = differences(context, existing, request);
  if (fields.length === 0) return;
  throw wrongInput(
    `run id "${runId}" is in use for another request (${fields.join(', ')} differ); name another --run-id, or ask as before`,
  );
}

/** A spec that went to the server by other ways may have paths relative to COPPICE_TASKS. */
function differences(context: CommandContext, existing: RunSpec, request: RunRequest): string[] {
  const { tasks } = context.settings;
  const { task } = existing;
  const absolute =
    typeof task === 'string' ? path.resolve(tasks, task) : { ...task, data: path.resolve(tasks, task.data) };
  return differingFields({ ...existing, task: absolute }, request.spec);
}

async function readStoredRuns(context: CommandContext, live: LiveRuns): Promise<StoredRun[]> {
  const runs: StoredRun[] = [];
  for (const name of await context.store.list('')) {
    try {
      const stored = await readStoredRun(context, name, live);
      if (stored !== null) runs.push(stored);
    } catch (error) {
      // A run whose files are broken cannot be the one meant; it must not keep all others from going on.
      if (!(error instanceof StoreError)) throw error;
    }
  }
  return runs;
}

async function readStoredRun(context: CommandContext, runId: string, live: LiveRuns): Promise<StoredRun | null> {
  const keys = runKeys(runId);
  const run = await readRun(context.store, runId);
  if (run === null) return null;
  const file: StateFile | null = await readJson(context.store, keys.state, stateFileSchema);
  return { run, state: runStateOf(runId, file, live) };
}

function isOver(state: RunState): boolean {
  return state === 'finished' || state === 'cancelled';
}

async function firstFreeNumber(context: CommandContext, taskName: string): Promise<number> {
  const names = await context.store.list('');
  const numbers = names.flatMap((name) => {
    const rest = name.startsWith(`${taskName}-`) ? name.slice(taskName.length + 1) : '';
    return /^[1-9]\d{0,8}$/.test(rest) ? [Number(rest)] : [];
  });
  return Math.max(0, ...numbers) + 1;
}
