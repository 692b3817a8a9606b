import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

const EXAMPLE = path.resolve(__dirname, '..', '..', 'examples', 'faster-nearest');

/** All pairs at once in arrays. */
const FASTER = `
import sys
text = sys.stdin.read().split()
if text:
    import numpy as np
    points = np.array(text, dtype=float).reshape(-1, 2)
    for start in range(0, len(points), 500):
        part = points[start:start + 500]
        distances = ((part[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
        distances[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        print(*distances.argmin(axis=1), sep="\\n")
`;

/** Quick, and wrong: the next point of the input is not the nearest one. */
const WRONG = `
import sys
count = len(sys.stdin.readlines())
for index in range(count):
    print((index + 1) % count)
`;

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
  const baseline = await readFile(path.join(EXAMPLE, 'input', 'baseline.py'), 'utf8');
  const scripts = [baseline, WRONG, FASTER];
  model = await startScriptedModel({ script: ({ node }) => ({ code: scripts[node - 1] ?? baseline }) });
});

afterAll(async () => {
  await model.close();
  await workplace.cleanup();
});

test('a program is made faster: the evaluator of the task sets the scores, and a wrong program has none', async () => {
  const task = path.join(workplace.home, 'faster-nearest');
  await cp(EXAMPLE, task, { recursive: true });
  const args = ['run', task, '--run-id', 'faster', '--steps', '3', '--slots', '1', '--seed', '1'];
  const running = workplace.coppice(args, modelAt(model.baseUrl));
  // The run works with the copy that it made at its start.
  await waitUntil('the run has its files', async () => (await workplace.read('faster/run.json')) !== null, 120_000);
  await writeFile(path.join(task, 'evaluate.py'), 'print(\'{"score": 0.001}\')\n');
  const ended = await running.ended;

  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  const { nodes, state } = await workplace.readRun('faster');
  expect(nodes.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    [1, 'working', null],
    [2, 'failed', 'evaluation_failed'],
    [3, 'working', null],
  ]);
  const [baseline, wrong, faster] = nodes;
  expect(wrong?.message).toMatch(/for point \d+ solution.py found one at squared distance/);
  expect(faster?.metric).toBeGreaterThan(0.01);
  expect(faster?.metric).toBeLessThan((baseline?.metric ?? 0) / 2);
  expect(state).toMatchObject({ state: 'finished', best: { id: 3, metric: faster?.metric } });
  expect(await workplace.read('faster/best/solution.py')).toBe(`${FASTER.trim()}\n`);
  expect(JSON.parse((await workplace.read('faster/evaluation.json')) ?? '')).toMatchObject({ kind: 'command' });
  expect(await workplace.read('faster/report.md')).toContain('faster-nearest');
}, 240_000);

test('without a language model the task is refused at once, with what to do', async () => {
  const ended = await workplace.run(['run', EXAMPLE, '--run-id', 'offline', '--steps', '1']);
  expect(ended.exitCode).toBe(2);
  expect(ended.stdout + ended.stderr).toContain(
    'The offline model predicts one column of a table. Name a language model',
  );
  expect(await workplace.read('offline/run.json')).toBeNull();
});

test('an evaluation that the task does not have is refused before anything starts', async () => {
  const ended = await workplace.run(['run', workplace.task, '--evaluation', 'command']);
  expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
  expect(ended.stderr).toContain('write "evaluation: {command: …}" in its task.yaml');
});
