import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { statusJsonSchema } from '../../src/cli/json-output';
import { costOf } from '../../src/domain/price';
import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

const WRITER = { input: 2, output: 8 };
const REVIEWER = { input: 0.5, output: 1 };

let workplace: Workplace;
let writer: ScriptedModel;
let reviewer: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
  writer = await startScriptedModel({});
  reviewer = await startScriptedModel({});
});

afterAll(async () => {
  await workplace.cleanup();
  await writer.close();
  await reviewer.close();
});

/** Writes a file of settings as JSON, which is YAML too. */
async function settingsFile(name: string, value: unknown): Promise<string> {
  const file = path.join(workplace.home, name);
  await writeFile(file, JSON.stringify(value));
  return file;
}

test('each role asks its own server, which the foreground run reaches by itself, and pays its own price', async () => {
  const models = await settingsFile('models.yaml', {
    default: { name: 'writer', baseUrl: writer.baseUrl, keyVariable: 'WRITER_KEY' },
    review: { name: 'reviewer', baseUrl: reviewer.baseUrl },
  });
  const prices = await settingsFile('prices.yaml', { models: { writer: WRITER, reviewer: REVIEWER } });
  const environment = { COPPICE_PRICES: prices };
  const words = ['run', workplace.task, '--run-id', 'roles', '--slots', '1', '--steps', '3', '--models', models];
  const ended = await workplace.run([...words, '--max-cost', '50', '--max-tokens', '5000000'], environment);

  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toMatch(/^coppice: WRITER_KEY is not set here: /);
  expect(ended.stdout.split('\n').slice(0, 4)).toEqual([
    expect.stringMatching(/^model {6}writer at 127\.0\.0\.1-\d+; review: reviewer at 127\.0\.0\.1-\d+$/),
    'price      writer $2 in, $8 out; reviewer $0.5 in, $1 out for a million tokens',
    'cap        $50.00 and 5,000,000 tokens',
    expect.stringMatching(/^run {8}roles$/),
  ]);
  expect(ended.stdout).toMatch(/^used {7}\d+ calls, [\d,]+ prompt .*completion tokens, \$0\.\d+$/m);
  expect(new Set(reviewer.requests().map(({ purpose }) => purpose))).toEqual(new Set(['review']));
  expect(writer.requests().map(({ purpose }) => purpose)).not.toContain('review');

  const status = await workplace.run(['status', 'roles', '--json'], environment);
  const { usage } = statusJsonSchema.parse(JSON.parse(status.stdout));
  const ofWriter = writer.served('roles');
  const ofReviewer = reviewer.served('roles');
  const cost = costOf(WRITER, ofWriter) + costOf(REVIEWER, ofReviewer);
  expect(usage.costUsd).toBeCloseTo(cost, 10);
  expect(usage.byRole.review).toMatchObject(ofReviewer);
  expect(usage.promptTokens).toBe(ofWriter.promptTokens + ofReviewer.promptTokens);
  const report = await readFile(workplace.file('roles/report.md'), 'utf8');
  expect(report).toMatch(/\| review \| reviewer \| 3 \|/);
  expect(report).toContain('Costs are by the list prices');
});
