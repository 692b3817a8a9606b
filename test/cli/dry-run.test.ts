import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { dryRun } from '../../src/cli/commands/dry-run';
import { dryRunJsonSchema } from '../../src/cli/json-output';
import { readRequest } from '../../src/cli/request';
import type { BareWorkplace } from '../helpers/coppice-command';
import { openBareWorkplace, parseOutput, provideSetup } from '../helpers/coppice-command';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { captureContext } from './command-harness';

let workplace: BareWorkplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await openBareWorkplace();
  await provideSetup(workplace);
  model = await startScriptedModel();
});

afterAll(async () => {
  await model.close();
  await workplace.close();
});

async function untouched(): Promise<void> {
  expect(model.requests()).toEqual([]);
  expect(existsSync(workplace.store)).toBe(false);
  expect(existsSync(path.join(workplace.home, 'server.json'))).toBe(false);
  expect(await readdir(path.join(workplace.home, 'dry-runs'))).toEqual([]);
}

test('a dry run shows what would be asked and what it may cost, and starts, asks and leaves nothing', async () => {
  const withModel = { COPPICE_MODEL: 'gpt-4.1-mini', OPENAI_API_KEY: 'key', OPENAI_BASE_URL: model.baseUrl };
  const words = ['run', workplace.task, '--steps', '7', '--max-cost', '3', '--dry-run'];
  const json = parseOutput(dryRunJsonSchema, await workplace.run([...words, '--json'], withModel));

  expect(json.run).toEqual({ kind: 'new', runId: 'numbers-1' });
  expect(json.spec).toMatchObject({ steps: 7, limits: { cost: 3, script: 3600 }, task: workplace.task });
  expect(json.evaluation.kind).toBe('reported');
  expect(json.preview.tables).toMatchObject([{ path: 'train.csv', rows: 60 }]);
  const text = json.prompt.messages.map(({ content }) => content).join('\n');
  expect(text).toContain('Predict y.');
  expect(text).toContain('train.csv');
  expect(json.prompt.tokens).toBeGreaterThan(300);
  expect(json.estimate?.costUsd?.high).toBeGreaterThan(json.estimate?.costUsd?.low ?? Infinity);
  await untouched();

  const { stdout, exitCode } = await workplace.run(words, withModel);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Dry run: nothing is started/);
  expect(stdout).toMatch(/^run +numbers-1, which would be new$/m);
  expect(stdout).toMatch(/^estimate +[\d,]+ to [\d,]+ tokens, \$[\d.]+ to \$[\d.]+ for 7 steps/m);
  expect(stdout).toMatch(/^isolation +(bubblewrap|process only)/m);
  expect(stdout).toContain('Predict y.');
  await untouched();
});

test('a dry run tells what the task was taken for, why, and how that is put right', async () => {
  const { context, printed } = captureContext(workplace.environment);
  const request = await readRequest(context, workplace.task, {});
  expect(await dryRun(context, request, { json: false })).toBe(0);
  const start = printed.findIndex((line) => line.startsWith('taken for'));
  expect(printed.slice(start - 1, start + 4)).toEqual([
    'task       numbers: rmse (minimize)',
    'taken for  direction minimize: more rmse is worse',
    '           id id: it is named like one in train.csv',
    '           what is wrong is put right by the flag of that name, such as --target',
    expect.stringMatching(/^model /),
  ]);
});

test('a dry run refuses what the run would refuse', async () => {
  const data = ['--data', path.join(workplace.task, 'input'), '--goal', 'Predict y.', '--target', 'y'];
  const metric = ['--metric', 'bleu', '--direction', 'maximize'];
  const { exitCode, stderr } = await workplace.run(['run', ...data, ...metric, '--dry-run']);
  expect(stderr).toMatch(/offline model cannot work on this task: .*bleu/);
  expect(exitCode).toBe(2);
});
