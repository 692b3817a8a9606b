import type { Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import type { ScriptedModel, ScriptedModelSettings } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { answeredCalls, callsOfRun, modelAt } from './answered-calls';

let workplace: Workplace;
let model: ScriptedModel | null = null;

beforeAll(async () => {
  workplace = await makeWorkplace();
});

afterAll(() => workplace.cleanup());

afterEach(async () => {
  await model?.close();
  model = null;
});

async function search(runId: string, settings: ScriptedModelSettings, ...words: string[]) {
  const server = await startScriptedModel(settings);
  model = server;
  const args = ['run', workplace.task, '--run-id', runId, '--slots', '1', '--seed', '1', ...words];
  const ended = await workplace.run(args, modelAt(server.baseUrl));
  return { ended, server, ...(await workplace.readRun(runId)) };
}

test.each([
  { runId: 'by-schema', plainOnly: false },
  { runId: 'plain-only', plainOnly: true },
])('a run with a model server ($runId) makes every node and counts every call', async ({ runId, plainOnly }) => {
  // The second script fails, so that there is something to debug.
  const script: ScriptedModelSettings['script'] = ({ node }) => (node === 2 ? { fail: 'exception' } : {});
  const { ended, server, nodes, state } = await search(runId, { plainOnly, script }, '--steps', '10');

  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(nodes.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(nodes.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual([2]);
  expect(new Set(nodes.map(({ operator }) => operator))).toEqual(new Set(['draft', 'improve', 'debug']));
  expect(answeredCalls(server)).toEqual(callsOfRun(runId, nodes));

  const { calls, ...tokens } = server.served(runId);
  expect(calls).toBe(21);
  expect(state?.usage).toMatchObject({ calls, ...tokens });
  // A server that knows no formats is asked for each of them only once.
  const refused = server.requests().filter(({ status }) => status !== 200);
  expect(refused.map(({ structuredBy, status }) => [structuredBy, status])).toEqual(
    plainOnly
      ? [
          ['json_schema', 400],
          ['json_object', 400],
        ]
      : [],
  );
  const answered = server.requests().filter(({ status }) => status === 200);
  const formats = answered.flatMap(({ purpose, structuredBy }) => (purpose === 'review' ? [structuredBy] : []));
  expect(formats).toEqual(nodes.map(() => (plainOnly ? 'tool' : 'json_schema')));
});

test('a run ends at its target score', async () => {
  const script: ScriptedModelSettings['script'] = ({ node }) => ({ metric: 10 - node });
  const { ended, nodes, state } = await search('on-target', { script }, '--target-score', '7');
  expect(ended.exitCode).toBe(0);
  expect(ended.stdout).toMatch(/finished: .*target/);
  expect(nodes).toHaveLength(3);
  expect(state).toMatchObject({ state: 'finished', stopReason: 'target', best: { id: 3, metric: 7 }, stepsTotal: 20 });
});

test('a run ends when its patience does', async () => {
  const script: ScriptedModelSettings['script'] = ({ node }) => ({ metric: node === 2 ? 1 : 5 });
  const { ended, nodes, state } = await search('out-of-patience', { script }, '--patience', '3');
  expect(ended.exitCode).toBe(0);
  expect(nodes).toHaveLength(5);
  expect(state).toMatchObject({ state: 'finished', stopReason: 'patience', best: { id: 2, metric: 1 } });
});
