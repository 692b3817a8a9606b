import path from 'node:path';
import { z } from 'zod';
import { JSON_OUTPUTS } from '../../src/cli/json-outputs';
import { REPOSITORY } from './documents';

export const SCHEMAS = path.join(REPOSITORY, 'docs', 'schemas');

/** The file in docs/schemas of what a command prints, such as `show --prompt`. */
export function schemaFileOf(output: string): string {
  return `${output.replace(' --', '-')}.schema.json`;
}

/** What every file of docs/schemas is to hold, by its name. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(JSON_OUTPUTS).map(([output, schema]) => [
      schemaFileOf(output),
      `${JSON.stringify(describe(output, schema), null, 2)}\n`,
    ]),
  );
}

function describe(output: string, schema: z.ZodType): object {
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaFileOf(output),
    title: `coppice ${output} --json`,
  };
  const [first] = Object.entries(JSON_OUTPUTS).find(([, other]) => other === schema) ?? [output];
  return first === output ? { ...head, ...generated(schema) } : { ...head, $ref: schemaFileOf(first) };
}

/** Objects of ours take no other keys, since a key that is not described is a mistake. */
function generated(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'output',
    override: ({ jsonSchema }) => {
      // Zod's own bound of every integer: it says nothing about the output.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}
