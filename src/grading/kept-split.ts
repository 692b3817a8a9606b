import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EvaluationFile } from '../domain/evaluation';
import type { RunFile } from '../domain/run-files';
import type { Task } from '../domain/task';
import { errorCode } from '../store/store-error';
import { gradingFailed } from './grading-python';
import type { MadeSplit, SplitPlaces } from './make-split';
import { makeSplit } from './make-split';
import type { SplitPlan } from './split-plan';
import { planSplit } from './split-plan';

/** What the steps of the grade worker need of it. */
export interface GradeWorker {
  /** COPPICE_GRADE: only the grade worker's own account may look into it. */
  readonly gradeDirectory: string;
  readonly pythonPath: string;
}

export type HoldoutSplit = NonNullable<EvaluationFile['split']>;

export type SplitOutcome<Value> =
  | { readonly ok: true; readonly split: MadeSplit; readonly value: Value }
  /** The end of a sentence. */
  | { readonly ok: false; readonly why: string };

const OWNER_ONLY = 0o700;

/** Where the answers of a run lie on this grade worker. */
function answersDirectory({ gradeDirectory }: Pick<GradeWorker, 'gradeDirectory'>, runId: string): string {
  return path.join(gradeDirectory, runId);
}

/**
 * Makes the split of a run, hands the public tables to `publish` and then keeps the answers on this machine in place
 * of older ones.
 *
 * @throws ApplicationFailure `GradingFailed` when the grading program fails; what `publish` throws
 */
export async function makeKeptSplit<Value>(
  worker: GradeWorker,
  run: RunFile,
  plan: SplitPlan,
  signal: AbortSignal,
  publish: (split: MadeSplit, places: SplitPlaces) => Promise<Value>,
): Promise<SplitOutcome<Value>> {
  const kept = answersDirectory(worker, run.runId);
  const scratch = path.join(worker.gradeDirectory, `.split-${randomUUID()}`);
  const places = { answers: path.join(scratch, 'answers'), publicData: path.join(scratch, 'public') };
  await mkdir(worker.gradeDirectory, { recursive: true, mode: OWNER_ONLY });
  await mkdir(scratch, { mode: OWNER_ONLY });
  try {
    await mkdir(places.answers, { mode: OWNER_ONLY });
    await mkdir(places.publicData);
    const made = await makeSplit(worker.pythonPath, run, plan, places, signal);
    if (!made.ok) return made;
    const value = await publish(made.value, places);
    await replaceDirectory(places.answers, kept);
    return { ok: true, split: made.value, value };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * The directory with the run's answers on this machine. A fork or replay has them from its source where this machine
 * keeps those; where another grade worker made the split it is made here again, and compared by the public tables.
 *
 * @throws ApplicationFailure `GradingFailed` when that is not possible, with what to do
 */
export async function requireAnswers(
  worker: GradeWorker,
  run: RunFile,
  split: HoldoutSplit,
  signal: AbortSignal,
): Promise<string> {
  const kept = answersDirectory(worker, run.runId);
  if ((await readDataHash(kept)) === split.dataHash) return kept;
  if (await takeFromSource(worker, run, split)) return kept;
  const planned = await planSplit(asGiven(run.task, split.made), true);
  if (!planned.ok) throw cannotRepeat(run, planned.why);
  const asMade = { ...run, seed: split.seed ?? run.seed };
  const outcome = await makeKeptSplit(worker, asMade, planned.plan, signal, (made) => {
    if (made.dataHash === split.dataHash) return Promise.resolve(null);
    return Promise.reject(cannotRepeat(run, 'the data are not what they were'));
  });
  if (!outcome.ok) throw cannotRepeat(run, outcome.why);
  return kept;
}

/** Copies the answers of the run that this one was begun from; false when this machine does not have the same. */
async function takeFromSource(worker: GradeWorker, run: RunFile, split: HoldoutSplit): Promise<boolean> {
  const source = run.request.fork?.run ?? run.request.replay;
  if (source === undefined) return false;
  const kept = answersDirectory(worker, source);
  if ((await readDataHash(kept)) !== split.dataHash) return false;
  const scratch = path.join(worker.gradeDirectory, `.split-${randomUUID()}`);
  try {
    await mkdir(scratch, { mode: OWNER_ONLY });
    await cp(kept, scratch, { recursive: true });
    await replaceDirectory(scratch, answersDirectory(worker, run.runId));
    return true;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The task as its owner gave it, without tables made for the run. */
function asGiven(task: Task, made: readonly string[]): Task {
  const given = (name: string | null): string | null => (name !== null && made.includes(name) ? null : name);
  return { ...task, test: given(task.test), sample: given(task.sample) };
}

function cannotRepeat(run: RunFile, why: string): Error {
  return gradingFailed(
    `this grade worker does not have the hidden rows of ${run.runId} and cannot withhold the same again: ${why}; ` +
      `bring ${run.task.dataDirectory} back as it was at the start, or let the grade worker that began the run go on`,
  );
}

async function readDataHash(directory: string): Promise<string | null> {
  try {
    const text = await readFile(path.join(directory, 'split.json'), 'utf8');
    return z.object({ dataHash: z.string() }).parse(JSON.parse(text)).dataHash;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function replaceDirectory(from: string, to: string): Promise<void> {
  for (;;) {
    await rm(to, { recursive: true, force: true });
    try {
      await rename(from, to);
      return;
    } catch (error) {
      // Another step of this worker was faster with the same answers.
      const code = errorCode(error);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  }
}
