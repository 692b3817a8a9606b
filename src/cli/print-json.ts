import type { z } from 'zod';
import type { CommandContext } from './command-context';

/** Prints a value as JSON, held to its documented schema. */
export function printJson<Schema extends z.ZodType>(
  context: CommandContext,
  schema: Schema,
  value: z.input<Schema>,
): void {
  context.print(JSON.stringify(schema.parse(value), null, 2));
}
