import { readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CoppiceProcess, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

const RUN = 'steered';

let workplace: Workplace;
let model: ScriptedModel;
let worker: CoppiceProcess;

beforeAll(async () => {
  workplace = await makeWorkplace();
  // Node 2 is far too good.
  model = await startScriptedModel({ script: ({ node }) => ({ metric: node === 2 ? 0.001 : 20 - node }) });
  expect(await workplace.run(['server'])).toMatchObject({ exitCode: 0 });
  worker = workplace.coppice(['worker', '--slots', '2'], modelAt(model.baseUrl));
  await worker.waitFor(/polls coppice-exec/);
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

/** An update by nothing but the `temporal` command. */
async function update(name: string, input: unknown): Promise<unknown> {
  const what = ['--workflow-id', RUN, '--name', name, '--input', JSON.stringify(input), '--output', 'json'];
  const answer = await workplace.temporal(['workflow', 'update', 'execute', ...what]);
  return z.object({ result: z.unknown() }).parse(JSON.parse(answer)).result;
}

async function coppice(...args: string[]): Promise<string> {
  const ended = await workplace.run(args);
  expect(ended).toMatchObject({ exitCode: 0 });
  return ended.stdout;
}

const isAsked = (node: number) => () => model.requests().some((request) => request.node === node);

test('a run is hinted, noted, pruned and given a script, by the temporal command and by coppice', async () => {
  model.control.addRules({ node: 4, purpose: 'draft', action: { type: 'hold' } });
  const spec = { task: workplace.task, steps: 7, seed: 1, parallel: 1, policy: { debugProbability: 0 } };
  const what = ['--type', 'treeSearch', '--task-queue', 'coppice', '--input', JSON.stringify(spec)];
  await workplace.temporal(['workflow', 'start', '--workflow-id', RUN, ...what]);
  await waitUntil('node 4 is being written', isAsked(4));

  expect(await update('hint', { text: 'Mind the outliers.' })).toEqual({ number: 1 });
  expect(await coppice('hint', RUN, 'Use', 'robust', 'losses.')).toContain('hint 2 stands in every prompt');
  expect(await coppice('hint', RUN, '--withdraw', '1')).toContain('hint 1 of steered is withdrawn');
  await expect(update('hint', { text: '', nod: 3 })).rejects.toThrow(
    /\$\.text: expected some text; \$\.nod: unknown key/,
  );

  expect(await update('note', { node: 2, scores: { public: 9 } })).toEqual({ node: 2 });
  expect(await coppice('note', RUN, '1', '--score', 'public=18.5')).toContain('noted about node 1');

  expect(await readlink(workplace.file(`${RUN}/best`))).toBe(path.join('bests', '2'));
  expect(await update('prune', { node: 2 })).toMatchObject({ best: { id: 3, metric: 17 }, pruned: [2] });
  expect(await readlink(workplace.file(`${RUN}/best`))).toBe(path.join('bests', '3'));
  await expect(update('prune', { node: 99 })).rejects.toThrow('there is no node 99');

  const code = `# A person's own\nimport json, os\nos.makedirs('working', exist_ok=True)\njson.dump({'metric': 1.5}, open('working/result.json', 'w'))\n`;
  expect(await update('inject', { code })).toEqual({ node: 5 });
  await waitUntil('it is recorded', async () => (await workplace.readRun(RUN)).nodes.some(({ id }) => id === 5));
  const broken = path.join(workplace.home, 'broken.py');
  await writeFile(broken, 'raise SystemExit(3)\n');
  expect(await coppice('inject', RUN, broken, '--title', 'Mine, too')).toContain('is node 6');
  model.control.release();

  await workplace.temporal(['workflow', 'result', '--workflow-id', RUN]);
  const { nodes, state } = await workplace.readRun(RUN);
  expect(nodes).toHaveLength(9);
  expect(state).toMatchObject({ state: 'finished', stepsTotal: 9, pruned: [2] });
  expect(nodes[4]).toMatchObject({ operator: 'inject', metric: 1.5, title: "A person's own", status: 'working' });
  expect(nodes[5]).toMatchObject({ operator: 'inject', reason: 'exception', title: 'Mine, too' });
  expect(nodes[8]).toMatchObject({ operator: 'improve', parent: 5, metric: 11 });
  expect(state?.best).toEqual({ id: 5, metric: 1.5 });
  const prompt = await coppice('show', RUN, '9', '--prompt');
  expect(prompt).toContain('- Use robust losses.');
  expect(prompt).not.toContain('Mind the outliers.');
  expect(await coppice('show', RUN, '4', '--prompt')).not.toContain('Use robust losses.');
  expect(await coppice('note', RUN, '5', '--text', 'the winner')).toContain('the winner');
  expect(await coppice('report', RUN)).toMatch(/## Steered by people[\s\S]*Use robust losses[\s\S]*the winner/);
  expect(await workplace.run(['prune', RUN, '1'])).toMatchObject({ exitCode: 1 });
});
