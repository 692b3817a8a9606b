import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CoppiceProcess, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { answeredCalls, modelAt } from './answered-calls';

const RUN = 'course';

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
  model = await startScriptedModel({ script: ({ node }) => ({ metric: 10 - node }) });
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

async function startWorker(): Promise<CoppiceProcess> {
  const worker = workplace.coppice(['worker', '--slots', '1'], modelAt(model.baseUrl));
  await worker.waitFor(/polls coppice-exec/);
  return worker;
}

/** The stored script is what runs again; without its sleep. */
async function shortenScript(node: number): Promise<void> {
  const file = workplace.file(`${RUN}/nodes/${node}/solution.py`);
  const script = await readFile(file, 'utf8');
  expect(script).toContain('time.sleep(600)');
  await writeFile(file, script.replace('time.sleep(600)', 'time.sleep(0)'));
}

const stateOf = async () => (await workplace.readRun(RUN)).state;

const isFinished = async (nodes: number): Promise<boolean> => {
  const { state, nodes: records } = await workplace.readRun(RUN);
  return state?.state === 'finished' && records.length === nodes;
};

test('a run is paused with its scripts ended, drained, and extended when it is over, with and without a worker', async () => {
  for (const node of [2, 3]) {
    model.control.addRules({ node, purpose: 'draft', action: { type: 'answer', script: { sleepSeconds: 600 } } });
  }
  const worker = await startWorker();
  const words = ['start', workplace.task, '--run-id', RUN, '--steps', '4', '--seed', '1', '--parallel', '1'];
  expect((await workplace.run(words, modelAt(model.baseUrl))).exitCode).toBe(0);
  await waitUntil('the second script runs', async () => (await workplace.scripts(RUN, 2)).length > 0);

  const paused = await workplace.run(['pause', RUN, '--now']);
  expect(paused.stdout).toContain('running scripts end and run again after the pause');
  await waitUntil('the script has ended', async () => (await workplace.scripts(RUN, 2)).length === 0);
  await waitUntil('the pause is known', async () => (await stateOf())?.pause?.reason === 'person');
  await waitUntil('its directory is gone', async () => (await attemptsOf(RUN)).length === 0);
  expect((await workplace.readRun(RUN)).nodes.map(({ id }) => id)).toEqual([1]);
  await shortenScript(2);
  await workplace.run(['resume', RUN]);

  await waitUntil('the third script runs', async () => (await workplace.scripts(RUN, 3)).length > 0);
  const drained = await workplace.run(['stop', RUN, '--drain']);
  expect(drained.stdout).toMatch(/what is under way is finished first \(in flight: 1 node\)/);
  await workplace.run(['pause', RUN, '--now']);
  await waitUntil('the script has ended', async () => (await workplace.scripts(RUN, 3)).length === 0);
  await shortenScript(3);
  await workplace.run(['resume', RUN]);
  await waitUntil('it has stopped', () => isFinished(3));
  expect(await stateOf()).toMatchObject({ stopReason: 'stopped', stepsTotal: 4 });

  const over = await workplace.run(['pause', RUN]);
  expect(over.stderr).toContain(`\`coppice extend ${RUN} --steps +N\` lets it go on`);
  worker.signal('SIGTERM');
  await worker.ended;
  const extended = await workplace.run(['extend', RUN, '--steps', '+1']);
  expect(extended).toMatchObject({ exitCode: 0 });
  expect(extended.stdout).toContain(`extended ${RUN}: it goes on from its files, 3 of 5 steps are done`);
  expect(extended.stderr).toMatch(/no worker polls coppice,/);
  expect(await stateOf()).toMatchObject({ state: 'running', stopReason: null, wentOnAfter: 3 });
  await startWorker();
  await waitUntil('it has gone on', () => isFinished(5));
  expect(await stateOf()).toMatchObject({ stopReason: 'steps', extendedSteps: 1, wentOnAfter: 3 });
  expect(await workplace.read(`${RUN}/report.md`)).toContain('5');

  const refused = await workplace.run(['extend', RUN, '--time', '+1h']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('all of its 5 steps are made: give --steps +N');

  const { request } = JSON.parse((await workplace.read(`${RUN}/run.json`)) ?? '') as { request: unknown };
  const file = path.join(path.dirname(workplace.task), 'request.json');
  await writeFile(file, JSON.stringify(request));
  await workplace.temporal([
    ...['workflow', 'execute-update-with-start', '--type', 'treeSearch', '--task-queue', 'coppice'],
    ...['--workflow-id', RUN, '--id-conflict-policy', 'UseExisting', '--input-file', file],
    ...['--update-name', 'extend', '--update-input', '{"steps": 1}'],
  ]);
  await waitUntil('it has gone on again', () => isFinished(6));
  expect(await stateOf()).toMatchObject({ stopReason: 'steps', extendedSteps: 2, wentOnAfter: 5 });
  const drafts = answeredCalls(model).filter((call) => /\/(draft|improve|debug)\//.test(call));
  expect(new Set(drafts).size).toBe(6);
  expect(drafts).toHaveLength(6);
}, 300_000);

/** What is left on this machine of the run's scripts. */
async function attemptsOf(runId: string): Promise<string[]> {
  const names = await readdir(path.join(workplace.home, 'work', runId)).catch(() => []);
  return names.filter((name) => /^\d/.test(name));
}
