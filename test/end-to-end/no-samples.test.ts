import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dryRunJsonSchema } from '../../src/cli/json-output';
import { parseOutput } from '../helpers/coppice-command';
import { Scene } from '../recovery/scene';

jest.setTimeout(240_000);

const ROWS = Array.from({ length: 40 }, (_, index) => ({
  id: `zqid${1000 + index}`,
  street: `zqstreet${index} of zqtown${index % 7}`,
  colour: ['zqcrimson', 'zqochre', 'zqteal'][index % 3] ?? '',
  size: 48_611 + 13 * index,
  weight: 7311.5 + index,
  sold: `1871-03-${String((index % 28) + 1).padStart(2, '0')}`,
  due: `${String((index % 28) + 1).padStart(2, '0')}.11.1743`,
  kind: index % 2 === 0 ? 'zqclassgood' : 'zqclassbad',
}));

/** What the first script prints: it is quoted to whoever repairs it. */
const [PRINTED] = ROWS.slice(20);

const FILES: Readonly<Record<string, string>> = {
  'train.csv': table(ROWS),
  'test.csv': table(ROWS.slice(0, 6).map(({ street, colour }, index) => ({ id: `zqtestid${index}`, street, colour }))),
  'sample.csv': `id,kind\n${Array.from({ length: 6 }, (_, index) => `zqtestid${index},zqclassgood\n`).join('')}`,
  // The database quotes what it cannot read.
  'broken.parquet': 'zqbroken zqbroken',
  'few/zqfew.txt': 'a word',
  ...Object.fromEntries(
    Array.from({ length: 24 }, (_, index) => [`photos/zqperson${index % 2}/zqphoto${index}.png`, '']),
  ),
};

/** Every cell and every name of a single thing, and ranges and means as prompts put them. */
const VALUES = [
  ...ROWS.flatMap((row) => [
    row.id,
    row.street,
    row.colour,
    String(row.size),
    String(row.weight),
    row.sold,
    row.due,
    row.kind,
  ]),
  ...['zqid', 'zqtown', 'zqtestid', 'zqbroken', 'zqfew', 'zqperson', 'zqphoto', 'zqwrong', '1871-', '1743'],
  ...[mean(ROWS.map(({ size }) => size)), mean(ROWS.map(({ weight }) => weight))],
];

const FAILS = `raise ValueError("cannot use the row ${Object.values(PRINTED ?? {}).join(' / ')}")\n`;

/** Its first id is none of the sample's, and its second value is missing. */
const UNFIT = `import json, os
os.makedirs('working', exist_ok=True)
rows = [line.split(',') for line in open('input/sample.csv').read().splitlines()]
rows[1][0] = 'zq' + 'wrong'
rows[2][1] = ''
open('working/submission.csv', 'w').write('\\n'.join(','.join(row) for row in rows))
json.dump({'metric': 0.5}, open('working/result.json', 'w'))
`;

let scene: Scene;
let task: string;

beforeAll(async () => {
  scene = await Scene.open();
  scene.model.control.addRules(
    { purpose: 'draft', node: 1, action: { type: 'answer', script: { code: FAILS } } },
    { purpose: 'draft', action: { type: 'answer', script: { code: UNFIT } } },
  );
  task = path.join(scene.place.home, 'houses');
  for (const [name, text] of Object.entries(FILES)) {
    const file = path.join(task, 'input', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await writeFile(
    path.join(task, 'task.yaml'),
    'goal: Predict the kind.\nmetric: accuracy\ntarget: kind\nsample: sample.csv\n',
  );
  await scene.place.run(['server']);
  await scene.ensureWorker();
});

afterAll(() => scene.close());

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    .map((cells) => `${cells.join()}\n`)
    .join('');
}

function mean(values: readonly number[]): string {
  return String(Number((values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(5)));
}

function valuesIn(text: string): string[] {
  return [...new Set(VALUES)].filter((value) => text.includes(value));
}

/** All prompts of a run by what they were for: the model was sent nothing else. */
async function promptsOf(runId: string): Promise<Readonly<Record<string, string>>> {
  const directory = scene.place.file(runId);
  const names = await readdir(directory, { recursive: true });
  const prompts = names.filter((name) => path.basename(name) === 'prompt.json').sort();
  const texts = prompts.map(async (name) => [name, await readFile(path.join(directory, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Runs a small search with each way to prompt a model; the prompts it stored. */
async function search(runId: string, samples: boolean): Promise<Readonly<Record<string, string>>> {
  const policy = { numDrafts: 2, debugProbability: 1 };
  await scene.start(runId, { task, steps: 6, seed: 3, parallel: 1, policy, memory: { digestEvery: 2 }, samples });
  await scene.untilFinished(runId);
  const prompts = await promptsOf(runId);
  const purposes = ['draft', 'debug', 'improve', 'review', 'digests', 'report'];
  expect(purposes.filter((purpose) => !Object.keys(prompts).some((name) => name.includes(purpose)))).toEqual([]);
  return prompts;
}

test('without samples no prompt of a run holds a value of the data but those that a script printed', async () => {
  const prompts = await search('closed', false);
  const printed = Object.values(PRINTED ?? {}).join(' ');
  const leaks = Object.entries(prompts).map(([name, text]) => [name, valuesIn(text)] as const);
  const others = leaks.map(([name, values]) => [name, values.filter((value) => !printed.includes(value))] as const);
  expect(others.filter(([, values]) => values.length > 0)).toEqual([]);
  // No more is promised: the output of a script is quoted as it stands, to whoever repairs it.
  expect(leaks.some(([name, values]) => name.includes('debug') && values.includes(String(PRINTED?.size)))).toBe(true);
  expect(leaks.filter(([name, values]) => name.includes('draft') && values.length > 0)).toEqual([]);
  expect(Object.values(prompts).join('\n')).toContain('what it prints is read outside');
});

test('with samples, the same prompts hold values of every kind', async () => {
  const text = Object.values(await search('open', true)).join('\n');
  const preview = ['zqid', 'zqcrimson', 'zqclassgood', '48611', '7311.5', '1871-03-01'];
  const others = ['zqtestid', 'zqwrong', 'zqfew', 'zqperson', 'zqphoto'];
  const means = mean(ROWS.map(({ size }) => size));
  const found = valuesIn(text);
  expect([...preview, ...others, means].filter((value) => !found.includes(value))).toEqual([]);
  expect(text).not.toContain('what it prints is read outside');
});

test('a dry run shows that first prompt', async () => {
  const ended = await scene.place.run(['run', task, '--no-samples', '--dry-run', '--json']);
  const { messages } = parseOutput(dryRunJsonSchema, ended).prompt;
  expect(valuesIn(messages.map(({ content }) => content).join('\n'))).toEqual([]);
});
