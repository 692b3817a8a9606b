import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(__dirname, '..', '..');

const ZONES = 'import-x/no-restricted-paths';
const IMPORTS = '@typescript-eslint/no-restricted-imports';
const PROPERTIES = 'no-restricted-properties';

interface Case {
  readonly part: string;
  readonly text: string;
  /** The rule that must be broken; none at all when null. */
  readonly breaks: string | null;
}

const deterministic = ['domain', 'policy', 'workflows'];
const outside = ['node:fs', 'fs/promises', 'crypto', 'openai', 'openai/helpers/zod', '@temporalio/activity'];

const cases: readonly Case[] = [
  imports('domain', 'policy', ZONES),
  imports('policy', 'workflows', ZONES),
  imports('workflows', 'store', ZONES),
  imports('store', 'llm', ZONES),
  imports('activities', 'workflows', ZONES),
  imports('workers', 'cli', ZONES),
  imports('policy', 'domain', null),
  imports('workflows', 'policy', null),
  imports('activities', 'store', null),
  imports('cli', 'workers', null),
  imports('workflows', 'activities', IMPORTS),
  {
    part: 'workflows',
    text: `import type * as other from '${between('workflows', 'activities')}';\nexport type Used = typeof other;\n`,
    breaks: null,
  },
  ...deterministic.flatMap((part): Case[] => [
    ...outside.map((name) => ({ part, text: using(name), breaks: IMPORTS })),
    { part, text: 'export const chance = Math.random();\n', breaks: PROPERTIES },
    { part, text: 'export const here = process.cwd();\n', breaks: 'no-restricted-globals' },
  ]),
  ...['domain', 'policy'].flatMap((part): Case[] => [
    { part, text: using('@temporalio/workflow'), breaks: IMPORTS },
    { part, text: 'export const now = Date.now();\n', breaks: PROPERTIES },
    { part, text: 'export const today = new Date();\n', breaks: 'no-restricted-syntax' },
    { part, text: 'export const then = new Date(0);\n', breaks: null },
  ]),
  { part: 'workflows', text: 'export const now = Date.now();\n', breaks: null },
];

describe('the lint rules', () => {
  let broken: string[][];

  // ESLint loads its configuration by a dynamic import, which jest does not have: it runs outside, once for all.
  beforeAll(() => {
    const input = JSON.stringify(cases.map(({ part, text }) => ({ file: moduleIn(part), text })));
    const { stdout, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'lint-texts.mjs')], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      input,
    });
    expect(stderr).toBe('');
    broken = JSON.parse(stdout) as string[][];
  });

  test.each(cases.map((one, index) => [one.part, one.text.split('\n')[0]!, one.breaks ?? 'nothing', index] as const))(
    'in src/%s: %s breaks %s',
    (_part, _text, _rule, index) => {
      const { breaks } = cases[index]!;
      if (breaks === null) expect(broken[index]).toEqual([]);
      else expect(broken[index]).toContain(breaks);
    },
  );
});

function imports(part: string, other: string, breaks: string | null): Case {
  return { part, text: using(between(part, other)), breaks };
}

function using(module: string): string {
  return `import * as other from '${module}';\nexport const used = other;\n`;
}

/** How a module of one part names one of the other. */
function between(part: string, other: string): string {
  return path.relative(path.dirname(moduleIn(part)), moduleIn(other)).replace(/\.ts$/, '');
}

/** A file that exists there: only imports that resolve are judged, and only files of the project are linted. */
function moduleIn(part: string): string {
  const directory = path.join(REPOSITORY, 'src', part);
  const file = readdirSync(directory, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.ts'));
  return path.join(directory, file!);
}
