import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { statusJsonSchema } from '../../src/cli/json-output';
import type { BareWorkplace } from '../helpers/coppice-command';
import { openBareWorkplace, parseOutput, provideSetup } from '../helpers/coppice-command';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

let workplace: BareWorkplace;
let model: ScriptedModel;
let withModel: Record<string, string>;

beforeAll(async () => {
  workplace = await openBareWorkplace();
  await provideSetup(workplace);
  model = await startScriptedModel();
  withModel = { COPPICE_MODEL: 'scripted', OPENAI_API_KEY: 'key', OPENAI_BASE_URL: model.baseUrl };
});

afterAll(async () => {
  await model.close();
  await workplace.close();
});

async function status(runId: string) {
  return parseOutput(statusJsonSchema, await workplace.run(['status', runId, '--json']));
}

test('a detached run goes on without its terminal, stays through a pause of its own, and ends by itself', async () => {
  model.control.addRules({
    node: 2,
    action: { type: 'respond', status: 401, body: '{"error":{"message":"bad key"}}' },
  });
  const words = ['run', workplace.task, '--slots', '1', '--steps', '3', '--run-id', 'away', '--detach'];
  const { exitCode, stdout } = await workplace.run(words, withModel);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^run +away, in the background \(process \d+\)$/m);
  const pid = Number(/process (\d+)/.exec(stdout)?.[1]);
  const log = path.join(workplace.home, 'logs', 'run-away.log');
  expect(stdout).toContain(log);

  await waitUntil('the run pauses itself', async () => (await status('away')).state === 'paused');
  model.control.clearRules();
  expect((await workplace.run(['resume', 'away'])).exitCode).toBe(0);
  await waitUntil('the run is over', async () => (await status('away')).state === 'finished');
  await waitUntil('its process goes', () => !isAlive(pid));
  const text = await readFile(log, 'utf8');
  expect(text).toMatch(/paused: .*trying again every few minutes/);
  expect(text.match(/^node [123]\/3/gm)).toHaveLength(3);
});

test('a detached run that cannot start says why', async () => {
  const words = ['run', workplace.task, '--run-id', 'away', '--steps', '4', '--detach'];
  const { exitCode, stderr } = await workplace.run(words, withModel);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('steps differ');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
