import { onOneLine } from '../../domain/on-one-line';
import { createInterface } from 'node:readline/promises';
import { formatBytes } from '../../domain/byte-size';
import { parseDurationText } from '../../domain/duration';
import { stateFileSchema, type StateFile } from '../../domain/run-files';
import { runIdSchema } from '../../domain/run-spec';
import { counted } from '../../domain/format';
import {
  everythingOf,
  remove,
  removableOfOver,
  removableOfUnfinished,
  type Removable,
  type RunPlaces,
} from '../../sandbox/removable';
import { readJson } from '../../store/json-file';
import { runKeys } from '../../store/run-keys';
import { StoreError } from '../../store/store-error';
import { readRun } from '../../store/read-run';
import { cleanJsonSchema, type CleanJson } from '../clean-json';
import { failed, wrongInput } from '../command-failure';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../exit-code';
import type { RunState } from '../json-output';
import { askLiveRuns, type LiveRuns } from '../live-run';
import { printJson } from '../print-json';
import { runStateOf } from '../run-state';

export interface CleanFlags {
  readonly all?: true;
  readonly olderThan?: string;
  readonly everything?: true;
  readonly force?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** A run as far as cleaning has to know it. */
interface Cleanable {
  readonly runId: string;
  readonly state: RunState;
  /** ISO 8601; null of a run that has not got far enough to have a state. */
  readonly updatedAt: string | null;
  /** The run that this one runs again, whose files it reads. */
  readonly replays: string | null;
}

type Cleaned = CleanJson['runs'][number];

/** Removes what runs that are over can do without, or with --everything runs as a whole. */
export async function cleanRuns(
  context: CommandContext,
  runId: string | undefined,
  flags: CleanFlags,
): Promise<ExitCode> {
  if ((runId === undefined) === (flags.all === undefined)) throw wrongInput('give either a run or --all');
  const olderThan = readAge(flags.olderThan);
  const live = await askLiveRuns(context, runId);
  const all = await readRuns(context, live);
  const wanted = runId === undefined ? all : [named(context, all, runId)];
  const refusals = wanted.map((run) => ({ run, why: refusal(run, all, live, flags) ?? tooYoung(run, olderThan) }));
  const refused = refusals.flatMap(({ run, why }) => (why === null ? [] : [{ runId: run.runId, why }]));
  if (runId !== undefined && refused[0] !== undefined) throw failed(`run "${runId}" ${refused[0].why}`);
  const found = await findAll(
    context,
    refusals.flatMap(({ run, why }) => (why === null ? [run] : [])),
    flags,
  );
  if (flags.everything && !flags.dryRun) await confirm(found, flags);
  if (!flags.dryRun) for (const { removed } of found) await remove(removed);
  const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
  const cleaned: CleanJson = { dryRun: flags.dryRun ?? false, runs: found, skipped: refused, bytes };
  if (flags.json) printJson(context, cleanJsonSchema, cleaned);
  else for (const line of linesOf(cleaned)) context.print(line);
  return ExitCode.done;
}

function readAge(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = parseDurationText(text);
  if (seconds === null) throw wrongInput('--older-than: expected a duration such as 12h or 30d');
  return seconds * 1000;
}

async function readRuns(context: CommandContext, live: LiveRuns): Promise<Cleanable[]> {
  const runs: Cleanable[] = [];
  for (const runId of await context.store.list('')) {
    const run = await readCleanable(context, runId, live);
    if (run !== null) runs.push(run);
  }
  return runs;
}

async function readCleanable(context: CommandContext, runId: string, live: LiveRuns): Promise<Cleanable | null> {
  if (!runIdSchema.safeParse(runId).success) return null;
  try {
    const run = await readRun(context.store, runId);
    if (run === null) return null;
    const file: StateFile | null = await readJson(context.store, runKeys(runId).state, stateFileSchema);
    return {
      runId,
      state: runStateOf(runId, file, live),
      updatedAt: file?.updatedAt ?? null,
      replays: run.request.replay ?? null,
    };
  } catch (error) {
    // What cannot be read is not touched, and must not keep others from being cleaned.
    if (!(error instanceof StoreError)) throw error;
    context.note(`coppice: ${onOneLine(error.message)}`);
    return null;
  }
}

function named({ settings }: CommandContext, runs: readonly Cleanable[], runId: string): Cleanable {
  const run = runs.find((one) => one.runId === runId);
  if (run !== undefined) return run;
  throw wrongInput(`there is no run "${runId}" in ${settings.store}; \`coppice list\` shows those there are`);
}

/** Why a run is not cleaned, as the end of a sentence; null when it may be. */
function refusal(run: Cleanable, all: readonly Cleanable[], live: LiveRuns, flags: CleanFlags): string | null {
  const { runId, state } = run;
  const reader = all.find((one) => one.replays === runId && !isOver(one.state));
  if (flags.everything && reader !== undefined) return `is being run again by "${reader.runId}", which reads its files`;
  if (isOver(state)) return null;
  if (flags.force !== true) return `is not over (${state}); --force cleans it all the same`;
  if (!flags.everything) return null;
  if (live.server === 'unreachable') return 'may be running: its server does not answer';
  const status = live.server === 'answers' ? live.statuses.get(runId) : undefined;
  return status === 'running' ? `is running; \`coppice cancel ${runId}\` ends it` : null;
}

function tooYoung({ updatedAt }: Cleanable, olderThanMs: number): string | null {
  if (olderThanMs === 0 || updatedAt === null) return null;
  return Date.now() - Date.parse(updatedAt) < olderThanMs ? 'is younger than --older-than says' : null;
}

function isOver(state: RunState): boolean {
  return state === 'finished' || state === 'cancelled';
}

async function findAll(context: CommandContext, runs: readonly Cleanable[], flags: CleanFlags): Promise<Cleaned[]> {
  const { store, settings } = context;
  const places: RunPlaces = { store, storeDirectory: settings.store, home: settings.home, grade: settings.grade };
  const found: Cleaned[] = [];
  for (const run of runs) {
    const removed = await removableOf(places, run, flags);
    const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
    found.push({ runId: run.runId, state: run.state, removed, bytes });
  }
  return found;
}

function removableOf(places: RunPlaces, { runId, state }: Cleanable, flags: CleanFlags): Promise<Removable[]> {
  if (flags.everything) return everythingOf(places, runId);
  return isOver(state) ? removableOfOver(places, runId) : removableOfUnfinished(places, runId);
}

/** @throws CommandFailure when nobody can be asked, or the answer is no */
async function confirm(found: readonly Cleaned[], { yes }: CleanFlags): Promise<void> {
  if (yes || found.length === 0) return;
  const names = found.map(({ runId }) => runId).join(', ');
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw wrongInput(`--everything deletes ${names} for good: say so with --yes`);
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`Delete ${names} with all results for good? Type yes: `);
    if (answer.trim() !== 'yes') throw failed('nothing was deleted');
  } finally {
    asking.close();
  }
}

const WORDS: Readonly<Record<Removable['what'], string>> = {
  superseded: 'superseded steps',
  bests: 'copies of former bests',
  variants: 'what reruns of the final selection made',
  kept: 'kept working directories',
  working: 'leftovers of killed workers',
  grade: 'hidden rows',
  run: 'the run itself',
};

function linesOf({ dryRun, runs, skipped, bytes }: CleanJson): string[] {
  const verb = dryRun ? 'would free' : 'freed';
  return [
    ...runs.flatMap((run) => linesOfRun(run, verb)),
    ...skipped.map(({ runId, why }) => `${runId}: left alone, it ${why}`),
    ...(runs.length === 1 && skipped.length === 0
      ? []
      : [`${verb} ${formatBytes(bytes)} in ${counted(runs.length, 'run')}`]),
  ];
}

function linesOfRun({ runId, removed, bytes }: Cleaned, verb: string): string[] {
  if (removed.length === 0) return [`${runId}: nothing to clean`];
  const parts = new Map<Removable['what'], number>();
  for (const { what, bytes: size } of removed) parts.set(what, (parts.get(what) ?? 0) + size);
  const details = [...parts].map(([what, size]) => `${WORDS[what]} ${formatBytes(size)}`);
  return [`${runId}: ${verb} ${formatBytes(bytes)} (${details.join(', ')})`];
}
