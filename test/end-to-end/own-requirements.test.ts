import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { makeWheel } from '../helpers/make-wheel';
import { waitUntil } from '../helpers/wait-until';
import { readSettings } from '../../src/workers/settings';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

/** Reports what the package of the task's own says, and leaves a file that the task keeps. */
const SCRIPT = `
import json, pathlib
import yardstick
try:
    import pandas
    raise SystemExit("the pinned environment is visible")
except ImportError:
    pass
pathlib.Path("working/models").mkdir(parents=True)
pathlib.Path("working/models/first.txt").write_text("kept")
print(json.dumps({"from": yardstick.__file__}))
print(f"metric: {yardstick.measure(NODE)}")
`;

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  // Installs nothing from the network, with uv where set-up has got one.
  const tools = path.join(readSettings(process.env).home, 'tools', 'bin');
  const searched = `${tools}${path.delimiter}${process.env['PATH'] ?? ''}`;
  workplace = await makeWorkplace({ PATH: searched, PIP_NO_INDEX: '1', UV_OFFLINE: '1' });
  model = await startScriptedModel({ script: ({ node }) => ({ code: SCRIPT.replace('NODE', String(node)) }) });
});

afterAll(async () => {
  await model.close();
  await workplace.cleanup();
});

async function writeTask(name: string, requirements: string): Promise<string> {
  const task = path.join(workplace.home, 'tasks', name);
  await mkdir(path.join(task, 'input'), { recursive: true });
  await writeFile(path.join(task, 'input', 'notes.txt'), 'nothing to learn from\n');
  await writeFile(path.join(task, 'requirements.txt'), requirements);
  const settings = 'goal: Measure.\nmetric: length\ndirection: maximize\nrequirements: requirements.txt\n';
  await writeFile(path.join(task, 'task.yaml'), `${settings}outputs: [working/models, working/absent.txt]\n`);
  return task;
}

test('a task with its own requirements goes from draft to best in an environment made for it', async () => {
  const task = await writeTask('measured', './wheels/yardstick-2.5-py3-none-any.whl\n');
  makeWheel(path.join(task, 'wheels'), 'yardstick', '2.5', 'def measure(node):\n    return 10 * node\n');
  const args = ['run', task, '--run-id', 'measured', '--steps', '2', '--slots', '1', '--seed', '1'];
  const first = workplace.coppice(args, modelAt(model.baseUrl));
  await waitUntil('the run has its files', async () => (await workplace.read('measured/run.json')) !== null, 120_000);
  // The run has copies of what it needs; the originals may go.
  await rm(path.join(task, 'wheels'), { recursive: true });
  expect(await first.ended).toMatchObject({ exitCode: 0, stderr: '' });

  const { nodes, state } = await workplace.readRun('measured');
  expect(nodes.map(({ status, metric }) => [status, metric])).toEqual([
    ['working', 10],
    ['working', 20],
  ]);
  expect(state).toMatchObject({ best: { id: 2, metric: 20 } });
  expect(await workplace.read('measured/nodes/1/outputs/working/models/first.txt')).toBe('kept');
  const environment = JSON.parse((await workplace.read('measured/environment.json')) ?? '') as unknown;
  expect(environment).toMatchObject({ packages: { yardstick: '2.5' } });
  const prompt = (await workplace.read('measured/nodes/1/calls/draft-1/prompt.json')) ?? '';
  expect(prompt).toContain('yardstick 2.5');
  expect(prompt).not.toContain('scikit-learn');
  expect(prompt).toContain('What it leaves at `./working/models` and `./working/absent.txt` is kept.');
  const made = await readdir(path.join(workplace.home, 'environments'));
  expect(made.filter((name) => !name.includes('.'))).toHaveLength(1);
}, 240_000);

test('requirements that cannot be installed pause the run with the reason and its log', async () => {
  const task = await writeTask('impossible', 'no-such-package-anywhere==1.0\n');
  const ended = await workplace.run(['run', task, '--run-id', 'impossible', '--steps', '1'], modelAt(model.baseUrl));
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toContain('run impossible paused itself (environment_failed): the packages of the task');
  const log = /whole log is (\S+);/.exec(ended.stderr)?.[1] ?? '';
  expect(await readFile(log, 'utf8')).toContain('no-such-package-anywhere');
});
