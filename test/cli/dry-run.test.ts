import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { dryRunJsonSchema } from '../../src/cli/json-output';
import type { BareWorkplace } from '../helpers/coppice-command';
import { openBareWorkplace, parseOutput, provideSetup } from '../helpers/coppice-command';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

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

test('a dry run refuses what the run would refuse', async () => {
  const data = ['--data', path.join(workplace.task, 'input'), '--goal', 'Predict y.', '--target', 'y'];
  const metric = ['--metric', 'bleu', '--direction', 'maximize'];
  const { exitCode, stderr } = await workplace.run(['run', ...data, ...metric, '--dry-run']);
  expect(stderr).toMatch(/offline model cannot work on this task: .*bleu/);
  expect(exitCode).toBe(2);
});
