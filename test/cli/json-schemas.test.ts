import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { createCommandContext } from '../../src/cli/command-context';
import { JSON_OUTPUTS } from '../../src/cli/json-outputs';
import { createProgram } from '../../src/cli/program';
import { REPOSITORY, readPage } from '../docs/documents';
import { SCHEMAS, schemaFileOf, schemaFiles } from '../docs/schema-files';

const OUTPUTS = Object.keys(JSON_OUTPUTS);
/** What `--dry-run` shows of the spec, the task and the data is described in docs/commands.md, docs/tasks.md and docs/data.md. */
const DESCRIBED_ELSEWHERE: readonly string[] = ['spec', 'task', 'preview'];

const sections = sectionsOf(readPage('docs/json-output.md').text);

test('every command that takes --json has a schema, and no other', () => {
  const program = createProgram(createCommandContext({}, REPOSITORY), () => undefined);
  const commands = commandsWith('--json', program);
  expect(commands.length).toBeGreaterThan(15);
  expect([...new Set(OUTPUTS.map((output) => output.split(' --')[0]))].sort()).toEqual(commands.sort());
});

test('the committed schemas are those that the commands print by: `npm run schemas` writes them anew', () => {
  const committed = readdirSync(SCHEMAS).map((name) => [name, readFileSync(path.join(SCHEMAS, name), 'utf8')] as const);
  expect(Object.fromEntries(committed)).toEqual(schemaFiles());
});

test('docs/json-output.md has a section for every output and for no other, each with its schemas', () => {
  expect(sections.flatMap(({ outputs }) => outputs).sort()).toEqual([...OUTPUTS].sort());
  for (const { outputs, text } of sections) {
    const linked = [...text.matchAll(/\]\(schemas\/([^)]+)\)/g)].map(([, file]) => file);
    expect(linked).toEqual(outputs.map(schemaFileOf));
  }
});

test.each(OUTPUTS)('every key of `%s --json` is described', (output) => {
  const own = sections.find(({ outputs }) => outputs.includes(output))?.text ?? '';
  const named = sections.filter(({ outputs }) => outputs.some((other) => own.includes(`\`${other}\``)));
  const described = [own, ...named.map(({ text }) => text)].join('\n');
  const keys = keysOf(readSchema(output), output.endsWith('--dry-run') ? DESCRIBED_ELSEWHERE : []);
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(described))).toEqual([]);
});

/** A schema as committed, as far as names of keys can stand in it. */
interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>> | undefined;
  readonly items?: SchemaPart | undefined;
  readonly additionalProperties?: SchemaPart | boolean | undefined;
  readonly anyOf?: readonly SchemaPart[] | undefined;
}

const schemaPart: z.ZodType<SchemaPart> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), schemaPart).optional(),
    items: schemaPart.optional(),
    additionalProperties: z.union([schemaPart, z.boolean()]).optional(),
    anyOf: z.array(schemaPart).optional(),
  }),
);

function readSchema(output: string): SchemaPart {
  return schemaPart.parse(JSON.parse(readFileSync(path.join(SCHEMAS, schemaFileOf(output)), 'utf8')));
}

/** Every name of a key anywhere in it; of `closed` keys nothing that is below them. */
function keysOf(schema: SchemaPart, closed: readonly string[]): string[] {
  const { properties = {}, items, additionalProperties, anyOf = [] } = schema;
  const parts = [...anyOf, items, additionalProperties].filter((part) => typeof part === 'object');
  const own = Object.entries(properties).flatMap(([name, part]) => [
    name,
    ...(closed.includes(name) ? [] : keysOf(part, closed)),
  ]);
  return [...new Set([...own, ...parts.flatMap((part) => keysOf(part, closed))])];
}

interface Section {
  /** As in JSON_OUTPUTS. */
  readonly outputs: readonly string[];
  readonly text: string;
}

/** The sections whose headings name commands. */
function sectionsOf(text: string): Section[] {
  return text
    .split(/^## /m)
    .filter((section) => section.startsWith('`coppice '))
    .map((section) => {
      const [heading = ''] = section.split('\n');
      const typed = [...heading.matchAll(/`coppice ([^`]+) --json`/g)].map(([, words = '']) => words);
      return { outputs: typed.map(withoutArguments), text: section };
    });
}

/** `submit RUN [NODE] --out FILE` is `submit`; a flag that takes no value makes another output. */
function withoutArguments(typed: string): string {
  return typed.replace(/ --\w+ [A-Z]+/g, '').replace(/ \[?[A-Z…][^ ]*( …\])?/g, '');
}

function commandsWith(flag: string, command: Command, prefix: readonly string[] = []): string[] {
  return command.commands.flatMap((child) => {
    const names = [...prefix, child.name()];
    const has = child.options.some((option) => option.long === flag);
    return [...(has ? [names.join(' ')] : []), ...commandsWith(flag, child, names)];
  });
}
