import type { BareWorkplace } from '../helpers/coppice-command';
import { openBareWorkplace, provideSetup } from '../helpers/coppice-command';
import { startOnTerminal } from '../helpers/terminal-command';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';

let workplace: BareWorkplace;
let model: ScriptedModel;
let withModel: Record<string, string>;

beforeAll(async () => {
  workplace = await openBareWorkplace();
  await provideSetup(workplace);
  model = await startScriptedModel({ script: ({ node }) => (node === 1 ? {} : { lines: 3, sleepSeconds: 600 }) });
  withModel = { COPPICE_MODEL: 'scripted', OPENAI_API_KEY: 'key', OPENAI_BASE_URL: model.baseUrl };
});

afterAll(async () => {
  await workplace.close();
  await model.close();
});

test('a run is seen live on its own terminal and on another one, narrow and wide, until it is stopped', async () => {
  const words = ['run', workplace.task, '--run-id', 'numbers-1', '--steps', '2', '--slots', '1'];
  const run = startOnTerminal(workplace, words, withModel, { columns: 100, rows: 30 });
  await run.waitFor(/ 2 draft {2}runs the script {2}\S/);
  expect(run.screen.visible).toContain('└─ 2 draft  … executing');

  const watch = startOnTerminal(workplace, ['watch', 'numbers-1'], {}, { columns: 40, rows: 24 });
  await watch.waitFor(/^run {4}numbers-1 · running$/m);
  await watch.waitFor(/ 2 draft {2}runs the script\n +\S/);
  watch.resize(80, 24);
  await watch.waitFor(/^run {4}numbers-1 · running · rmse \(minimize\) of numbers$/m);

  const logs = workplace.start(['logs', 'numbers-1', '2', '--follow']);
  await logs.waitFor(/\S\n/);
  expect(await workplace.run(['stop', 'numbers-1'])).toMatchObject({ exitCode: 0 });

  expect(await run.ended).toBe(0);
  expect(await watch.ended).toBe(0);
  expect((await logs.ended).exitCode).toBe(0);
  for (const { screen } of [run, watch]) {
    expect(screen.all).toContain('numbers-1  finished: it was stopped by hand');
    expect(screen.all.filter((line) => line.startsWith('run    numbers-1'))).toEqual([
      expect.stringMatching(/^run {4}numbers-1 · finished: it was stopped by hand/),
    ]);
  }
}, 300_000);
