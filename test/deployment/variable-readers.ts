import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROJECT } from './compose-file';

const entrypointSchema = z.record(
  z.string(),
  z.object({ documentation: z.url(), variables: z.record(z.string(), z.string().min(1)) }),
);

/** What only the entrypoints of images read, by image, as their documentation has it. */
export function entrypointVariables(): z.output<typeof entrypointSchema> {
  const text = readFileSync(path.join(__dirname, 'entrypoint-variables.yaml'), 'utf8');
  return entrypointSchema.parse(parse(text));
}

/** Variables that coppice reads itself, or by a library of its: Temporal's, Node, and those of its scripts in deploy. */
export function variablesOfCoppice(): Set<string> {
  const envconfig = createRequire(__filename).resolve('@temporalio/envconfig');
  const files = [
    ...readdirSync(path.join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(PROJECT, 'src', name)),
    ...readdirSync(path.dirname(envconfig)).map((name) => path.join(path.dirname(envconfig), name)),
  ];
  const names = files.flatMap((file) => namesIn(readFileSync(file, 'utf8')));
  return new Set([...names, 'NODE_ENV']);
}

/** Whatever looks like a variable in a program: too much, but never too little. */
function namesIn(text: string): string[] {
  return text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
}
