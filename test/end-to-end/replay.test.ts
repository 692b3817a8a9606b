import { replayJsonSchema } from '../../src/cli/look-back-json';
import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { parseOutput } from '../helpers/coppice-command';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel, ScriptedModelSettings } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

/** A script whose score is another one each time. */
const UNREPEATABLE = [
  'import json, os, random',
  'os.makedirs("./working", exist_ok=True)',
  'json.dump({"metric": random.random()}, open("./working/result.json", "w"))',
].join('\n');

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
});

afterAll(() => workplace.cleanup());

afterEach(() => model.close());

async function search(runId: string, settings: ScriptedModelSettings, steps: number): Promise<void> {
  model = await startScriptedModel(settings);
  const args = ['run', workplace.task, '--run-id', runId, '--slots', '2', '--seed', '1', '--steps', String(steps)];
  const ended = await workplace.run(args, modelAt(model.baseUrl));
  expect(ended).toMatchObject({ exitCode: 0 });
}

/** With the model within reach: it must not be asked all the same. */
function replay(runId: string, ...words: string[]) {
  return workplace.coppice(['replay', runId, '--slots', '2', ...words], modelAt(model.baseUrl));
}

test('a replay makes the same tree with the same scores, asks no model and counts nothing as used', async () => {
  const script: ScriptedModelSettings['script'] = ({ node }) => (node === 2 ? { fail: 'exception' } : {});
  const rubbish = { purpose: 'draft', node: 3, action: { type: 'answer', text: 'I would rather not.' } } as const;
  await search('first', { script, rules: [rubbish] }, 8);
  const asked = model.requests().length;
  const ended = await replay('first', '--run-id', 'again', '--json').ended;

  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toContain('replay of first: no model is called');
  expect(model.requests()).toHaveLength(asked);
  const result = parseOutput(replayJsonSchema, ended);
  expect(result).toMatchObject({ source: 'first', agree: 8, differ: 0, missing: 0, largestDifference: 0 });
  expect(result.nodes[2]).toMatchObject({ replayed: { status: 'failed', reason: 'no_code' }, same: true });

  const [first, again] = [await workplace.readRun('first'), await workplace.readRun('again')];
  const decisions = (nodes: typeof first.nodes) => nodes.map(({ id, operator, parent }) => [id, operator, parent]);
  expect(decisions(again.nodes)).toEqual(decisions(first.nodes));
  expect(again.nodes.map(({ codeHash, summary }) => [codeHash, summary])).toEqual(
    first.nodes.map(({ codeHash, summary }) => [codeHash, summary]),
  );
  expect(again.state).toMatchObject({ state: 'finished', stopReason: 'steps', usage: { calls: 0, promptTokens: 0 } });
  expect(await workplace.read('again/report.md')).toContain('8 of 8 nodes of first came to exactly the same');

  const once = await replay('first', '--run-id', 'again').ended;
  expect(once.exitCode).toBe(0);
  expect(once.stderr).toContain('run again is over');
});

test('a replay whose scores differ fails and names the nodes', async () => {
  await search('by-chance', { script: ({ node }) => (node === 2 ? { code: UNREPEATABLE } : {}) }, 3);
  const ended = await replay('by-chance', '--run-id', 'by-chance-again').ended;

  expect(ended.exitCode).toBe(1);
  expect(ended.stdout).toContain('2 of 3 nodes of by-chance came to exactly the same; 1 did not');
  const { nodes } = await workplace.readRun('by-chance-again');
  const now = nodes.find(({ id }) => id === 2)?.metric ?? null;
  expect(ended.stdout).toMatch(new RegExp(`^2 +0\\.\\d+ +${String(now)} `, 'm'));
});

test('a replay that was killed goes on with the same command', async () => {
  await search('slow', { script: () => ({ sleepSeconds: 1 }) }, 5);
  const asked = model.requests().length;
  const killed = replay('slow', '--run-id', 'slow-again');
  await waitUntil('a node of the replay is recorded', async () => {
    const { nodes } = await workplace.readRun('slow-again').catch(() => ({ nodes: [] }));
    return nodes.length > 0;
  });
  await killed.kill();
  const ended = await replay('slow', '--run-id', 'slow-again', '--json').ended;

  expect(ended.exitCode).toBe(0);
  expect(parseOutput(replayJsonSchema, ended)).toMatchObject({ agree: 5, differ: 0, missing: 0 });
  expect(model.requests()).toHaveLength(asked);
});

test.each([
  [['replay', 'nowhere'], 'there is no run "nowhere"'],
  [['fork', 'nowhere', '1'], 'there is no run "nowhere"'],
])('%j is wrong input', async (words, message) => {
  model = await startScriptedModel();
  const ended = await workplace.run(words);
  expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) as string });
});
