import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { markSchema } from '../domain/marks';
import type { Mark } from '../domain/marks';

const CHECKS_PROGRAM = path.resolve(__dirname, '..', '..', 'python', 'checks');

/** Longest that one check may take. */
const LIMIT_MS = 10_000;

/** What one check is to look at; see `python/checks`. */
export type CheckRequest =
  | {
      readonly check: 'script';
      readonly code: string;
      /** File names and the target column; empty where the task has none. */
      readonly task: { readonly train: string; readonly test: string; readonly target: string };
    }
  | {
      readonly check: 'repair';
      readonly parent: string;
      /** What the parent wrote before it failed. */
      readonly output: string;
      readonly repaired: string;
    }
  | {
      readonly check: 'predictions';
      /** Local paths. */
      readonly predictions: string;
      readonly sample: string;
      readonly test: string | null;
      readonly id_column: string | null;
    };

/**
 * Has one check look for doubts. It is advice: a check that fails, takes too long or cannot be started finds none.
 */
export async function runCheck(
  pythonPath: string,
  request: CheckRequest,
  limitMs: number = LIMIT_MS,
): Promise<readonly Mark[]> {
  const child = spawn(pythonPath, ['-I', '-S', '-B', CHECKS_PROGRAM], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const failed = new Promise<string>((resolve) => child.once('error', () => resolve('')));
  // A program that ends early closes its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(request));
  try {
    return parseMarks(await Promise.race([text(child.stdout), failed]));
  } finally {
    clearTimeout(limit);
  }
}

function parseMarks(reply: string): readonly Mark[] {
  try {
    return z.array(markSchema).parse(JSON.parse(reply));
  } catch {
    return [];
  }
}
