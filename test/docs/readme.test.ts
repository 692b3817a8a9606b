import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { createCommandContext } from '../../src/cli/command-context';
import { createProgram } from '../../src/cli/program';
import { failureReasonSchema } from '../../src/domain/failure-reason';
import { knownMetrics } from '../../src/domain/metrics';
import { pauseReasonSchema, stopReasonSchema } from '../../src/domain/run-files';
import { parseRunSpec } from '../../src/domain/run-spec';
import { taskFileSchema } from '../../src/domain/task';
import * as messages from '../../src/workflows/messages';
import type { Typed } from './documents';
import { REPOSITORY, readPage, readPages, typedAfter } from './documents';

const pages = readPages();
const readme = readPage('README.md');
const commands = readPage('docs/commands.md');
const program = createProgram(createCommandContext({}, REPOSITORY), () => undefined);

/** Set for scripts, for their own use; nobody sets it by hand. */
const INTERNAL_VARIABLES = ['COPPICE_ATTEMPT'];

describe('the coppice command in the documents', () => {
  const typed = typedAfter(/(?:^|[\s(])(?:(?:npx )?coppice|node bin\/coppice\.js) (?=[a-z])/, pages);

  it('is spoken of', () => {
    expect(typed.length).toBeGreaterThan(40);
  });

  it('has the subcommands, arguments and flags that are named', () => {
    expect(typed.flatMap(problemsOf)).toEqual([]);
  });

  it('has every flag that is named by itself', () => {
    const known = new Set(allCommands(program).flatMap(flagsOf));
    const flags = pages.flatMap(({ file, spans }) =>
      spans.filter((span) => span.startsWith('--')).flatMap((span) => flagsIn(file, span)),
    );
    expect(flags.length).toBeGreaterThan(20);
    expect(flags.filter(({ flag }) => !known.has(flag))).toEqual([]);
  });

  it('is described whole: every subcommand and every flag stands in docs/commands.md', () => {
    const named = (word: string): boolean => new RegExp(`${word}(?![\\w-])`).test(commands.text);
    const words = allCommands(program).flatMap((command) => [command.name(), ...flagsOf(command)]);
    expect(words.filter((word) => !['--version', '--help'].includes(word) && !named(word))).toEqual([]);
  });
});

it('every npm script that the documents name exists', () => {
  const scripts = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8'))).scripts;
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, short]) => run ?? short ?? ''),
  );
  expect(named).toEqual(expect.arrayContaining(['start', 'test', 'verify', 'record:histories']));
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

it('every relative link leads to a file', () => {
  const links = pages.flatMap(({ file, links: targets }) => targets.map((target) => ({ file, target })));
  const relative = links.filter(({ target }) => !/^[a-z]+:|^#/.test(target));
  expect(relative.length).toBeGreaterThan(15);
  const broken = relative.filter(({ file, target }) => !isThere(path.dirname(file), target.replace(/#.*$/, '')));
  expect(broken).toEqual([]);
});

it('every path into the repository leads somewhere', () => {
  const paths = pages.flatMap(({ file, spans }) =>
    spans
      .filter((span) => /^(src|test|docs|bench|scripts|python|examples|bin|\.ci)(\/[\w./-]+)?$/.test(span))
      .map((span) => ({ file, span })),
  );
  expect(paths.length).toBeGreaterThan(60);
  expect(paths.filter(({ span }) => !isThere('.', span))).toEqual([]);
});

it('the environment variables of docs/commands.md are those that the program reads', () => {
  const named = new Set(commands.text.match(/\bCOPPICE_[A-Z_]+/g));
  const read = new Set([...variablesBelow('src'), ...variablesBelow('scripts')]);
  for (const name of INTERNAL_VARIABLES) read.delete(name);
  expect([...named].sort()).toEqual([...read].sort());
});

it('the examples of task.yaml and run.json are valid, and name every key there is', () => {
  const task = taskFileSchema.safeParse(parse(blockOf('yaml')));
  expect(task.success && Object.keys(task.data).sort()).toEqual(Object.keys(taskFileSchema.shape).sort());
  expect(parseRunSpec(JSON.parse(blockOf('json')))).toMatchObject({ ok: true });
});

it('every known metric is listed', () => {
  expect(knownMetrics().filter((metric) => !new RegExp(`[ \\n(]${metric}[ ,;.\\n]`).test(readme.text))).toEqual([]);
});

it('updates and queries are named as the workflow has them, all of them', () => {
  const typed = typedAfter(/^temporal workflow /, [readme]);
  const named = typed.flatMap(({ words }) => {
    if (words[0] !== 'update' && words[0] !== 'query') return [];
    return [words[words.indexOf(words[0] === 'query' ? '--type' : '--name') + 1]];
  });
  expect(named.sort()).toEqual(
    Object.values(messages)
      .map((message) => message.name)
      .sort(),
  );
});

it.each([
  ['docs/troubleshooting.md', [...pauseReasonSchema.options, ...failureReasonSchema.options]],
  ['docs/json-output.md', [...pauseReasonSchema.options, ...failureReasonSchema.options, ...stopReasonSchema.options]],
  ['docs/architecture.md', stopReasonSchema.options],
])('%s explains every reason', (file, reasons) => {
  const { spans } = readPage(file);
  expect(reasons.filter((reason) => !spans.includes(reason))).toEqual([]);
});

/** What a line asks of the command that it does not have. */
function problemsOf({ file, words }: Typed): string[] {
  let command = program;
  let rest = [...words];
  for (let next = childOf(command, rest[0]); next !== null; next = childOf(command, rest[0])) {
    command = next;
    rest = rest.slice(1);
  }
  const where = `${file}: coppice ${words.join(' ')}`;
  if (command === program) return [`${where}: no such subcommand`];
  const known = flagsOf(command);
  const problems = rest
    .filter((word) => /^\[?--\w/.test(word) && !known.includes(word.replace(/^\[|[\]=].*$/g, '')))
    .map((word) => `${where}: no flag ${word}`);
  const firstFlag = rest.findIndex((word) => /^\[?--/.test(word));
  const given = (firstFlag === -1 ? rest : rest.slice(0, firstFlag)).filter((word) => /^[A-Z[]|\d/.test(word));
  const takesMore = command.registeredArguments.some((argument) => argument.variadic);
  const isTooMany = !takesMore && given.length > command.registeredArguments.length;
  return isTooMany ? [...problems, `${where}: too many arguments`] : problems;
}

function childOf(command: Command, name: string | undefined): Command | null {
  return command.commands.find((child) => child.name() === name) ?? null;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap((option) => option.long ?? []);
}

function flagsIn(file: string, text: string): { readonly file: string; readonly flag: string }[] {
  return (text.match(/--[a-z][\w-]*/g) ?? []).map((flag) => ({ file, flag }));
}

function isThere(...parts: readonly string[]): boolean {
  return existsSync(path.join(REPOSITORY, ...parts));
}

function blockOf(language: string): string {
  const block = readme.blocks.find((candidate) => candidate.language === language);
  if (block === undefined) throw new Error(`the README has no block of ${language}`);
  return block.text;
}

function variablesBelow(directory: string): string[] {
  return readdirSync(path.join(REPOSITORY, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .flatMap((name) => readFileSync(path.join(REPOSITORY, directory, name), 'utf8').match(/\bCOPPICE_[A-Z_]+/g) ?? []);
}
