import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const PROJECT = path.resolve(__dirname, '..', '..');

const volumeSchema = z.union([
  z.string().transform((text) => {
    const [source = '', target = '', mode] = text.split(':');
    return { source, target, isReadOnly: mode === 'ro' };
  }),
  z
    .object({ source: z.string(), target: z.string(), read_only: z.boolean().default(false) })
    .transform(({ source, target, read_only: isReadOnly }) => ({ source, target, isReadOnly })),
]);

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(volumeSchema).default([]),
  networks: z.array(z.string()).default(['default']),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
export type Service = z.output<typeof serviceSchema>;

const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.object({})),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
});
export type ComposeFile = z.output<typeof composeSchema>;

export const composeText = readFileSync(path.join(PROJECT, 'docker-compose.yml'), 'utf8');

/** The file with its merges done, as the Compose specification's schema is about it. */
export function parseCompose(text = composeText): unknown {
  return parse(text, { merge: true });
}

/** The file as Compose understands it in this environment: variables are filled in, also those without a value. */
export function readCompose(environment: Readonly<Record<string, string>>): ComposeFile {
  const compose = composeSchema.parse(parseCompose(interpolate(composeText, environment)));
  for (const service of Object.values(compose.services)) {
    for (const [name, value] of Object.entries(service.environment)) {
      const given = environment[name];
      if (value === null && given !== undefined) service.environment[name] = given;
    }
  }
  return compose;
}

/** Names of the variables that the file takes from `.env` or the shell. */
export function variablesOfFile(): string[] {
  const filledIn = [...composeText.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
  const passedOn = Object.values(composeSchema.parse(parseCompose()).services).flatMap(({ environment }) =>
    Object.entries(environment).flatMap(([name, value]) => (value === null ? [name] : [])),
  );
  return [...new Set([...filledIn, ...passedOn])].sort();
}

function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_match, name: string, kind: string, rest: string) => {
    const value = environment[name] ?? '';
    if (value !== '') return value;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}
