import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
  model = await startScriptedModel({ script: ({ node }) => (node === 1 ? {} : { sleepSeconds: 3600 }) });
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

test('a script that a killed worker left behind ends with the run that is stopped', async () => {
  const environment = modelAt(model.baseUrl);
  const words = ['run', workplace.task, '--run-id', 'left', '--slots', '1', '--seed', '1'];
  const killed = workplace.coppice(words, environment);
  await waitUntil('the script of node 2 runs', async () => (await workplace.scripts('left', 2)).length > 0);
  await killed.kill();
  expect(await workplace.scripts('left', 2)).not.toEqual([]);

  const worker = workplace.coppice(['worker', '--slots', '1'], environment);
  await worker.waitFor(/polls coppice-exec/);
  expect((await workplace.run(['stop', 'left'])).exitCode).toBe(0);
  await waitUntil('the run is over', async () => (await workplace.readRun('left')).state?.state === 'finished');
  await waitUntil('its script is gone', async () => (await workplace.scripts('left')).length === 0, 30_000);

  const { nodes, state } = await workplace.readRun('left');
  expect(state).toMatchObject({ stopReason: 'stopped', best: { id: 1 } });
  expect(nodes.map(({ id }) => id)).toEqual([1]);
  worker.signal('SIGTERM');
  expect((await worker.ended).exitCode).toBe(0);
});
