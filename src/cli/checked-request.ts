import type { z } from 'zod';
import { inputProblemsInWords } from '../domain/input-problems';
import { wrongInput } from './command-failure';

/**
 * The request as the workflow will take it.
 *
 * @throws CommandFailure (exit 2) with every problem of it
 */
export function checkedRequest<Request>(schema: z.ZodType<Request>, request: unknown): Request {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw wrongInput(inputProblemsInWords(parsed.error));
}
