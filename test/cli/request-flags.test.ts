import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { createCommandContext } from '../../src/cli/command-context';
import { readRequest } from '../../src/cli/request';
import { addRequestFlags } from '../../src/cli/request-flags';
import type { RequestFlags } from '../../src/cli/request-flags';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-flags-'));
  await mkdir(path.join(root, 'task', 'input'), { recursive: true });
  await writeFile(path.join(root, 'task', 'input', 'notes.txt'), 'notes\n');
  await writeFile(path.join(root, 'task', 'task.yaml'), 'goal: guess\nmetric: rmse\nnetwork: on\n');
});

afterAll(() => rm(root, { recursive: true, force: true }));

function request(flags: RequestFlags, environment: Readonly<Record<string, string>> = {}) {
  const context = createCommandContext({ COPPICE_HOME: root, COPPICE_STORE: root, ...environment }, root);
  return readRequest(context, 'task', flags);
}

test('how scripts are scored, kept apart and connected is part of the request when it was said', async () => {
  const { input, spec } = await request({ evaluation: 'reported', isolation: 'process', network: 'off' });
  expect(input).toMatchObject({ evaluation: 'reported', isolation: 'process', network: 'off' });
  expect(spec).toMatchObject({ evaluation: 'reported', isolation: 'process', network: 'off' });
});

test('what was not said is left open', async () => {
  const { input, spec } = await request({});
  expect(Object.keys(input)).toEqual(['task', 'machineDefaults']);
  expect(spec).toMatchObject({ evaluation: 'auto', isolation: 'auto' });
  expect(spec.network).toBeUndefined();
});

describe('caps on money', () => {
  const named = { OPENAI_API_KEY: 'key', COPPICE_MODEL: 'my-model' };

  test('are part of the request', async () => {
    const { input, spec } = await request({ maxTokens: 50_000, maxCost: 2.5 });
    expect(input).toMatchObject({ limits: { tokens: 50_000, cost: 2.5 } });
    expect(spec.limits).toMatchObject({ tokens: 50_000, cost: 2.5 });
  });

  test('on cost want a price for every model', async () => {
    await expect(request({ maxCost: 2.5 }, named)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/"my-model".*COPPICE_PRICES/) as string,
    });
    await expect(request({ maxTokens: 1000 }, named)).resolves.toBeDefined();
    const prices = path.join(root, 'prices.yaml');
    await writeFile(prices, 'models: { my-model: { input: 1, output: 2 } }');
    const { models } = await request({ maxCost: 2.5 }, { ...named, COPPICE_PRICES: prices });
    expect(models.report[0]?.price).toEqual({ input: 1, output: 2 });
  });

  test.each([
    [{ maxTokens: 0.5 }, /^--max-tokens: /],
    [{ maxCost: 0 }, /^--max-cost: /],
  ])('%j is refused by its flag', async (flags, message) => {
    await expect(request(flags)).rejects.toMatchObject({ message: expect.stringMatching(message) as string });
  });
});

describe('a file with models by role', () => {
  const key = { OPENAI_API_KEY: 'key', COPPICE_MODEL: 'usual' };

  async function modelsFile(text: string): Promise<string> {
    await writeFile(path.join(root, 'models.yaml'), text);
    return 'models.yaml';
  }

  test('is part of the request; a flag wins over it, and it over the environment', async () => {
    const models = await modelsFile(
      'default: [large, { name: spare, baseUrl: "http://localhost:8080/v1", keyVariable: SPARE_KEY }]\nreview: small\n',
    );
    const { input, models: settled } = await request({ models, reviewModel: 'tiny' }, key);

    expect(input['models']).toEqual({
      default: ['large', { name: 'spare', baseUrl: 'http://localhost:8080/v1', keyVariable: 'SPARE_KEY' }],
      review: 'tiny',
    });
    expect(settled.draft.map(({ endpoint }) => endpoint)).toEqual(['api.openai.com', 'localhost-8080']);
    const plain = await request({ models: await modelsFile('review: small\n') }, key);
    expect(plain.input['models']).toEqual({ default: 'usual', review: 'small' });
  });

  test.each([
    ['an unknown role', 'writer: large\n', 'writer: unknown key'],
    [
      'a key itself',
      'default: { name: large, keyVariable: sk-123 }\n',
      'default.keyVariable: expected the name of an environment variable, such as OPENROUTER_API_KEY',
    ],
    ['a mere name', 'large\n', 'Invalid input: expected object, received string'],
    [
      'two mistakes',
      'default: { name: large, temperature: hot }\nreview: { model: small }\n',
      'default.temperature: Invalid input: expected number, received string; review.name: missing; ' +
        'review.model: unknown key',
    ],
  ])('is refused with %s, by its name and the key in it', async (_what, text, problem) => {
    await expect(request({ models: await modelsFile(text) }, key)).rejects.toMatchObject({
      exitCode: 2,
      message: `--models models.yaml: ${problem}`,
    });
  });

  test('is not blamed for what a flag or the environment says', async () => {
    const models = await modelsFile('review: small\n');
    await expect(request({ models, model: '' }, key)).rejects.toThrow(/^--model: Too small/);
  });

  test('is a file, and a directory is refused as one', async () => {
    await expect(request({ models: 'task' }, key)).rejects.toThrow(
      `${path.join(root, 'task')} (--models) is a directory; name a file`,
    );
  });
});

test('a way of scoring that the task does not allow is refused before anything starts', async () => {
  await expect(request({ evaluation: 'command' })).rejects.toMatchObject({
    exitCode: 2,
    message:
      'Evaluation by a command is asked for, but the task has none; write "evaluation: {command: …}" in its task.yaml.',
  });
  await expect(request({ evaluation: 'holdout' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^Evaluation by hidden rows is asked for, but /) as string,
  });
});

test('a wrong word is named with its flag', async () => {
  await expect(request({ isolation: 'jail' })).rejects.toMatchObject({
    message: expect.stringMatching(/^--isolation: Invalid option/) as string,
  });
});

/** What the command line makes of words, as `coppice run` would. */
async function requestOf(...words: string[]) {
  let flags: RequestFlags = {};
  const command = addRequestFlags(new Command('run'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.action((_task: string | undefined, given: RequestFlags) => {
    flags = given;
  });
  await command.parseAsync(words, { from: 'user' });
  return request(flags);
}

describe('flags as they are typed', () => {
  test.each<[string[], object]>([
    [['--id', 'row'], { corrections: { id: 'row' } }],
    [['--train', 'a.csv', '--test', 'b.csv'], { corrections: { train: 'a.csv', test: 'b.csv' } }],
    [['--sample', 'c.csv'], { corrections: { sample: 'c.csv' } }],
    [['--no-samples'], { samples: false }],
    [['--keep'], { keep: true }],
    [['--max-disk', '1.5GB'], { limits: { runDisk: 1_500_000_000 } }],
    [['--notify-command', 'mail me'], { notify: { command: ['sh', '-c', 'mail me'] } }],
    [
      ['--notify-webhook', 'https://example.org/hook', '--notify-on', 'paused,failed'],
      { notify: { webhook: 'https://example.org/hook', on: ['paused', 'failed'] } },
    ],
  ])('%j is part of the request', async (words, expected) => {
    for (const name of ['a', 'b', 'c'])
      await writeFile(path.join(root, 'task', 'input', `${name}.csv`), 'row,y\n1,2\n');
    expect((await requestOf(...words)).spec).toMatchObject(expected);
  });

  test('without them values may be told, nothing is kept, and there is no cap on the disk', async () => {
    const { spec } = await requestOf();
    expect(spec).toMatchObject({ samples: true, keep: false });
    expect([spec.limits.runDisk, spec.notify, spec.corrections]).toEqual([undefined, undefined, undefined]);
  });

  test.each<[string[], RegExp]>([
    [['--id', 'rwo', '--train', 'a.csv'], /--id names rwo, which is no column of a\.csv; did you mean row\?/],
    [['--train', 'absent.csv'], /--train .*absent\.csv/],
    [['--test', 'absent.csv'], /--test .*absent\.csv/],
    [['--sample', 'absent.csv'], /--sample .*absent\.csv/],
    [['--max-disk', 'much'], /^--max-disk: expected a size such as "512MB"/],
    [['--max-disk', '0'], /^--max-disk: expected a size/],
    [['--notify-webhook', 'example.org'], /^--notify-webhook: expected an address such as/],
    [['--notify-command', ''], /^--notify-command: /],
    [
      ['--notify-command', 'true', '--notify-on', 'started'],
      /^--notify-on: .*"new_best"\|"paused"\|"failed"\|"finished"/,
    ],
  ])('%j is wrong usage, told by the name of the flag', async (words, message) => {
    await expect(requestOf(...words)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
});
