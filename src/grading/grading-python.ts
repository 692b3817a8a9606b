import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { FailureType } from '../domain/failure-type';

const GRADING_PROGRAM = path.resolve(__dirname, '..', '..', 'python', 'grading');

/** Longest that one request may take; a split reads the whole data, a scorer of the task's own may be slow. */
const LIMIT_MS = 30 * 60_000;

const refusedSchema = z.object({ status: z.literal('refused'), why: z.string() });

/** What the grading program answered, or why the data do not allow what was asked. */
export type GradingAnswer<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly why: string };

/**
 * Asks the grading program (Python) to do one step. What it says beside its answer may quote labels and goes nowhere.
 *
 * @throws ApplicationFailure `GradingFailed` when it does not answer; the reason of `signal` when that is aborted
 */
export async function askGrading<Schema extends z.ZodType>(
  pythonPath: string,
  request: Readonly<Record<string, unknown>>,
  schema: Schema,
  signal: AbortSignal,
): Promise<GradingAnswer<z.output<Schema>>> {
  const reply = await runProgram(pythonPath, JSON.stringify(request), signal);
  const parsed = z.union([refusedSchema, z.object({ status: z.literal('ok') }).loose()]).safeParse(parseJson(reply));
  if (!parsed.success) throw gradingFailed('the grading program gave no answer');
  if (parsed.data.status === 'refused') return { ok: false, why: refusedSchema.parse(parsed.data).why };
  const value = schema.safeParse(parsed.data);
  if (!value.success) throw gradingFailed('the grading program gave an answer of another form than expected');
  return { ok: true, value: value.data };
}

/** A failure of the grading itself, worth another try. */
export function gradingFailed(message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: FailureType.GradingFailed, nonRetryable: false });
}

async function runProgram(pythonPath: string, request: string, signal: AbortSignal): Promise<string> {
  const child = spawn(pythonPath, ['-I', '-B', GRADING_PROGRAM], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    signal,
  });
  const ended = new Promise<{ readonly code: number | null; readonly signal: string | null; readonly error: string }>(
    (resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
      child.once('close', (code, endSignal) => resolve({ code, signal: endSignal, error: '' }));
    },
  );
  // A program that ends early closes its input; its exit tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(request);
  const [reply, end] = await Promise.all([text(child.stdout), ended]);
  signal.throwIfAborted();
  if (end.code === 0) return reply;
  const how = end.error !== '' ? end.error : end.code === null ? `signal ${end.signal ?? '?'}` : `status ${end.code}`;
  throw gradingFailed(
    `the grading program ended with ${how} at the step "${stepOf(request)}"; check the Python environment with ` +
      '`coppice doctor`, and the memory of the grade worker',
  );
}

function stepOf(request: string): string {
  return z.object({ step: z.string() }).parse(JSON.parse(request)).step;
}

function parseJson(reply: string): unknown {
  try {
    return JSON.parse(reply);
  } catch {
    return null;
  }
}
