import type { z } from 'zod';
import type { CommandContext } from './command-context';

/** A value as JSON in which characters that mean something to terminals are escaped, so that none is lost in printing. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Prints a value as JSON, held to its documented schema. */
export function printJson<Schema extends z.ZodType>(
  context: CommandContext,
  schema: Schema,
  value: z.input<Schema>,
): void {
  context.print(jsonText(schema.parse(value), 2));
}
