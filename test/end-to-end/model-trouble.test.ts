import { once } from 'node:events';
import { createServer } from 'node:net';
import type { CoppiceProcess, Ended, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import type { RuleInput } from '../scripted-model/rules';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { answeredCalls, callsOfRun, modelAt } from './answered-calls';

/** Five tries take half a minute, and a busy machine takes its own time for the rest. */
const LIMIT_MS = 5 * 60_000;

let workplace: Workplace;
const models: ScriptedModel[] = [];

beforeAll(async () => {
  workplace = await makeWorkplace();
});

afterAll(() => workplace.cleanup());

afterEach(() => Promise.all(models.splice(0).map((model) => model.close())));

async function startModel(port = 0): Promise<ScriptedModel> {
  const model = await startScriptedModel({ port });
  models.push(model);
  return model;
}

function search(runId: string, baseUrl: string): CoppiceProcess {
  const args = ['run', workplace.task, '--run-id', runId, '--slots', '1', '--seed', '1', '--steps', '3'];
  return workplace.coppice(args, modelAt(baseUrl));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** The run has stopped by itself, and says why and how it goes on. */
async function expectPaused(ended: Ended, runId: string, reason: string): Promise<void> {
  expect(ended.exitCode).toBe(1);
  const [why, how, ...more] = ended.stderr.trimEnd().split('\n');
  expect(why).toMatch(new RegExp(`^coppice: run ${runId} paused itself \\(${reason}\\): .*127\\.0\\.0\\.1:\\d+`));
  expect(how).toContain(`\`npx coppice run ${workplace.task} --run-id ${runId} --slots 1 --seed 1 --steps 3\` goes on`);
  expect(more).toEqual([]);
  expect((await workplace.readRun(runId)).state).toMatchObject({ state: 'paused', pause: { reason } });
}

/** The same command went on to the end, and every answer was bought once, from whichever server. */
async function expectFinished(ended: Ended, runId: string): Promise<void> {
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ended.stdout).toContain('it had paused');
  const { nodes, state, superseded } = await workplace.readRun(runId);
  expect(state).toMatchObject({ state: 'finished', stopReason: 'steps', usage: { calls: 7 } });
  expect(nodes.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(superseded).toEqual([]);
  expect(answeredCalls(...models)).toEqual(callsOfRun(runId, nodes));
}

test.each<{ runId: string; reason: string; action: RuleInput['action'] }>([
  {
    runId: 'bad-key',
    reason: 'model_key',
    action: { type: 'respond', status: 401, body: '{"error":{"message":"no","code":"invalid_api_key"}}' },
  },
  {
    runId: 'no-quota',
    reason: 'model_quota',
    action: {
      type: 'respond',
      status: 429,
      headers: { 'retry-after': '1' },
      body: '{"error":{"message":"no","code":"insufficient_quota"}}',
    },
  },
])(
  'refused for good ($reason), the run pauses; mended, the same command goes on and buys nothing twice',
  async ({ runId, reason, action }) => {
    const model = await startModel();
    // The script of node 2 is written and has run by then.
    model.control.addRules({ purpose: 'review', node: 2, action });
    const refused = await search(runId, model.baseUrl).ended;

    await expectPaused(refused, runId, reason);
    expect(model.requests().filter(({ status }) => status !== 200)).toHaveLength(1);
    const begun = await workplace.read(`${runId}/nodes/2/execution.json`);

    model.control.clearRules();
    await expectFinished(await search(runId, model.baseUrl).ended, runId);
    expect(await workplace.read(`${runId}/nodes/2/execution.json`)).toBe(begun);
  },
  LIMIT_MS,
);

test(
  'a model that cannot be reached is tried five times before the run pauses; there again, the same command goes on',
  async () => {
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const before = Date.now();
    await expectPaused(await search('nobody-there', baseUrl).ended, 'nobody-there', 'model_unreachable');
    // Two, four, eight and sixteen seconds lie between five tries.
    expect(Date.now() - before).toBeGreaterThan(30_000);

    const model = await startModel(port);
    expect(model.baseUrl).toBe(baseUrl);
    await expectFinished(await search('nobody-there', baseUrl).ended, 'nobody-there');
  },
  LIMIT_MS,
);

test(
  'with the address of the model corrected the same command goes on, too',
  async () => {
    const wrong = await startModel();
    wrong.control.addRules({ node: 2, action: { type: 'respond', status: 503, headers: { 'retry-after-ms': '10' } } });
    const paused = await search('moved', wrong.baseUrl).ended;
    await expectPaused(paused, 'moved', 'model_unreachable');
    expect(wrong.requests().filter(({ status }) => status === 503)).toHaveLength(5);

    const right = await startModel();
    await expectFinished(await search('moved', right.baseUrl).ended, 'moved');
    expect(new Set(answeredCalls(wrong).map((call) => call.split('/')[1]))).toEqual(new Set(['1']));
  },
  LIMIT_MS,
);
