import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import type { ResolvedModel } from '../domain/resolved-model';
import { NO_USAGE, addUsage, usageSchema, type Usage } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson, writeJson } from '../store/json-file';
import type { CallKeys } from '../store/run-keys';
import { attemptFileSchema, type AttemptFile } from './call-files';
import type { ModelAnswer } from './model';

/** A sending of a prompt whose file is written and that has not ended yet. */
export interface OpenAttempt {
  readonly number: number;
  readonly file: AttemptFile;
}

/** How a sending ended; what `attempt-<n>.json` says of it besides its beginning. */
type AttemptEnd = Pick<AttemptFile, 'outcome' | 'failure' | 'status' | 'usage'>;

const ATTEMPT_NAME = /^attempt-([1-9]\d*)\.json$/;

/** What is read of a `CallFailureDetails`; failures that are not a model's carry something else, or nothing. */
const failureDetailsSchema = z.object({ status: z.int().nullable(), usage: usageSchema.nullable() });

/** Writes down that a prompt is about to be sent, so that a call that a kill leaves open is known. */
export async function beginAttempt(store: ArtifactStore, keys: CallKeys, target: ResolvedModel): Promise<OpenAttempt> {
  const file: AttemptFile = {
    endpoint: target.endpoint,
    model: target.name,
    sentAt: new Date().toISOString(),
    endedAt: null,
    outcome: null,
    failure: null,
    status: null,
    usage: null,
  };
  const number = await nextNumber(store, keys);
  await writeJson(store, keys.attempt(number), file);
  return { number, file };
}

export async function endAttempt(
  store: ArtifactStore,
  keys: CallKeys,
  attempt: OpenAttempt,
  end: AttemptEnd,
): Promise<void> {
  const stored = await readJson(store, keys.attempt(attempt.number), attemptFileSchema);
  // After an outage of the server two attempts may run at once and have taken the same number: both were billed.
  const isOurs = stored === null || (stored.endedAt === null && stored.sentAt === attempt.file.sentAt);
  const number = isOurs ? attempt.number : await nextNumber(store, keys);
  await writeJson(store, keys.attempt(number), { ...attempt.file, endedAt: new Date().toISOString(), ...end });
}

export function answeredEnd(answer: ModelAnswer): AttemptEnd {
  return { outcome: 'answered', failure: null, status: null, usage: answer.usage };
}

/** What a call's error says of its end, also what an answer that nobody can use was billed. */
export function failedEnd(error: unknown): AttemptEnd {
  if (error instanceof CancelledFailure) return { outcome: 'cancelled', failure: null, status: null, usage: null };
  if (!(error instanceof ApplicationFailure)) {
    return { outcome: 'failed', failure: String(error), status: null, usage: null };
  }
  const details = failureDetailsSchema.safeParse(error.details?.[0]);
  const { status, usage } = details.success ? details.data : { status: null, usage: null };
  return { outcome: 'failed', failure: `${error.type ?? 'Error'}: ${error.message}`, status, usage };
}

/** The sendings of a prompt, in order. */
export async function readAttempts(store: ArtifactStore, keys: CallKeys): Promise<AttemptFile[]> {
  const attempts = [];
  for (const number of await attemptNumbers(store, keys)) {
    const file = await readJson(store, keys.attempt(number), attemptFileSchema);
    if (file !== null) attempts.push(file);
  }
  return attempts;
}

/** What all sendings of these prompts used, as far as the server said; each counted once however often this is asked. */
export async function usageOfCalls(store: ArtifactStore, calls: readonly CallKeys[]): Promise<Usage> {
  let usage = NO_USAGE;
  for (const keys of calls) {
    for (const attempt of await readAttempts(store, keys)) usage = addUsage(usage, attempt.usage ?? NO_USAGE);
  }
  return usage;
}

async function nextNumber(store: ArtifactStore, keys: CallKeys): Promise<number> {
  return ((await attemptNumbers(store, keys)).at(-1) ?? 0) + 1;
}

async function attemptNumbers(store: ArtifactStore, keys: CallKeys): Promise<number[]> {
  const names = await store.list(keys.directory);
  return names
    .map((name) => Number(ATTEMPT_NAME.exec(name)?.[1]))
    .filter((number) => !Number.isNaN(number))
    .sort((left, right) => left - right);
}
