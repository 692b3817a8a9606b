import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkSubmission, SUBMISSION_FILE } from './check-submission';
import { classifyEnd, type ScriptFailure } from './classify-exit';
import { openInside } from './open-inside';
import { readMetric } from './read-metric';
import type { SupervisorResult } from './supervisor-files';

/** Less room than this counts as a full disk, in bytes. */
const FULL_DISK_BYTES = 64 * 1024 * 1024;

/** Largest submission that is kept when no sample says what size to expect, in bytes. */
const MAXIMUM_UNCHECKED_BYTES = 1024 * 1024 * 1024;

/** What a script's run came to. */
export type Judgement =
  | { readonly status: 'ok'; readonly metric: number | null; readonly submissionHash: string | null }
  | ({ readonly status: 'failed' } & ScriptFailure);

export interface JudgedAttempt {
  readonly directory: string;
  readonly inputDirectory: string;
  /** From the task: the sample submission below the input, and its id column. */
  readonly sample: string | null;
  readonly idColumn: string | null;
  /** Whether messages may quote values of the submission. */
  readonly quotes: boolean;
  /** Whether a script that reports no score of its own fails. */
  readonly needsMetric: boolean;
}

type Score =
  { readonly status: 'ok'; readonly metric: number | null } | ({ readonly status: 'failed' } & ScriptFailure);

/** Judges a script by how it ended, then by the score it reported, then by its submission. */
export async function judgeAttempt(attempt: JudgedAttempt, result: SupervisorResult): Promise<Judgement> {
  const failure = classifyEnd(result);
  if (failure !== null) return { status: 'failed', ...failure };
  const score = await judgeScore(attempt, result);
  if (score.status === 'failed') return score;
  const { metric } = score;
  if (attempt.sample === null) {
    return { status: 'ok', metric, submissionHash: await hashSubmission(attempt.directory) };
  }
  const submission = await checkSubmission({
    attemptDirectory: attempt.directory,
    samplePath: path.join(attempt.inputDirectory, attempt.sample),
    idColumn: attempt.idColumn,
    quotes: attempt.quotes,
  });
  if (submission.status === 'ok') return { status: 'ok', metric, submissionHash: submission.hash };
  return { status: 'failed', reason: submission.status, message: submission.message };
}

async function judgeScore(attempt: JudgedAttempt, result: SupervisorResult): Promise<Score> {
  const reported = await readMetric(attempt.directory, result.resultLines);
  if (reported.status === 'value') return { status: 'ok', metric: reported.value };
  if (!attempt.needsMetric) return { status: 'ok', metric: null };
  const reason = reported.status === 'none' ? 'no_metric' : 'bad_metric';
  return { status: 'failed', reason, message: reported.message };
}

/** Whether hardly any room is left where `directory` lies. */
export async function isDiskFullAt(directory: string): Promise<boolean> {
  const status = await statfs(directory);
  return status.bavail * status.bsize < FULL_DISK_BYTES;
}

/** SHA-256 of a submission that nothing says the shape of; null when there is none that can be kept. */
async function hashSubmission(directory: string): Promise<string | null> {
  const file = await openInside(directory, SUBMISSION_FILE);
  if (file.status !== 'open') return null;
  try {
    if (file.bytes > MAXIMUM_UNCHECKED_BYTES) return null;
    const hash = createHash('sha256');
    await pipeline(file.handle.createReadStream({ autoClose: false, start: 0 }), hash);
    return hash.digest('hex');
  } finally {
    await file.handle.close();
  }
}
