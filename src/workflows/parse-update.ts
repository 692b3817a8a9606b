import { ApplicationFailure } from '@temporalio/workflow';
import type { z } from 'zod';
import type { InputProblem } from '../domain/input-problems';
import { inputProblems } from '../domain/input-problems';

/**
 * The input of an update, parsed.
 *
 * @param what names it in the refusal, such as `the extension`
 * @throws ApplicationFailure with every problem and its JSON path
 */
export function parsedUpdate<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw wrongUpdate(what, inputProblems(parsed.error));
}

export function wrongUpdate(what: string, problems: readonly InputProblem[]): ApplicationFailure {
  const named = problems.map(({ path, message }) => `${path}: ${message}`);
  return ApplicationFailure.nonRetryable(`${what} is wrong: ${named.join('; ')}`);
}
