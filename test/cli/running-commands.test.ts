import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { statusJsonSchema, treeJsonSchema } from '../../src/cli/json-output';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readDescription } from '../../src/server/server-description';
import { openClient, resolveConnection } from '../../src/workers/connect';
import { readSettings } from '../../src/workers/settings';
import type { BareWorkplace, RunningCommand } from '../helpers/coppice-command';
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
});

afterAll(() => workplace.close());

beforeEach(async () => {
  model = await startScriptedModel();
  withModel = { COPPICE_MODEL: 'scripted', OPENAI_API_KEY: 'key', OPENAI_BASE_URL: model.baseUrl };
});

afterEach(() => model.close());

function run(...words: string[]): RunningCommand {
  return workplace.start(['run', workplace.task, '--slots', '1', ...words], withModel);
}

/** The run id in the header that `run` and `start` print. */
function runIdIn(output: string): string {
  const runId = /^run +(numbers-\d+)\b/m.exec(output)?.[1];
  if (runId === undefined) throw new Error(`No run is named in:\n${output}`);
  return runId;
}

async function status(runId: string) {
  return parseOutput(statusJsonSchema, await workplace.run(['status', runId, '--json']));
}

async function nodeIds(runId: string): Promise<number[]> {
  const tree = parseOutput(treeJsonSchema, await workplace.run(['tree', runId, '--json']));
  return tree.nodes.map(({ id }) => id);
}

test('run searches to the end, shows every node and says where the results are; another one begins anew', async () => {
  const first = await run('--steps', '3').ended;

  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(first.stdout).toMatch(/^run +numbers-\d+$/m);
  const runId = runIdIn(first.stdout);
  expect(first.stdout).toMatch(/model +scripted at 127\.0\.0\.1-\d+\n/);
  expect(first.stdout).toMatch(/^isolation {2}(bubblewrap|process only): /m);
  expect(first.stdout).toMatch(/server +127\.0\.0\.1:\d+\nweb UI +http:.*\ntemporal +\//);
  expect(first.stdout.match(/^node [123]\/3 {2}draft.*rmse/gm)).toHaveLength(3);
  expect(first.stdout).toContain('finished: all steps were made');
  expect(first.stdout).not.toContain('language model');
  const files = createDirectoryStore(workplace.store);
  for (const key of ['best/solution.py', 'report.md', 'tree.html']) {
    expect(first.stdout).toContain(path.join(workplace.store, runId, key));
    expect(await files.exists(`${runId}/${key}`)).toBe(true);
  }

  const second = await run('--steps', '3').ended;
  expect(second.stdout).toMatch(/^run +numbers-\d+$/m);
  expect(runIdIn(second.stdout)).not.toBe(runId);
  const over = await run('--steps', '3', '--run-id', runId).ended;
  expect(over.exitCode).toBe(0);
  expect(over.stderr).toContain(`${runId} is over`);
  expect(over.stderr).toMatch(/is over.*extended.*--run-id/);
  expect(over.stdout).toContain(`${runId}  finished`);
});

test('an interrupted run says how to go on, and the same command does so without buying anything again', async () => {
  model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'answer', script: { sleepSeconds: 600 } } });
  const first = run('--steps', '3', '--seed', '1');
  await first.waitFor(/node 1\/3/);
  const runId = runIdIn(first.stdout());
  await waitUntil(
    'the second script runs',
    async () => (await status(runId)).nodes.inFlight === 1 && (await logs(runId, 2)),
  );
  first.process.kill('SIGINT');
  const ended = await first.ended;

  expect(ended.exitCode).toBe(130);
  expect(ended.stderr).toContain(`npx coppice run ${workplace.task} --slots 1 --steps 3 --seed 1`);
  expect((await status(runId)).state).toBe('running');
  expect((await workplace.run(['status', runId])).stdout).toMatch(/waits +no worker polls coppice,/);

  await shortenScript(runId, 2);
  const second = await run('--steps', '3', '--seed', '1').ended;
  expect(second.exitCode).toBe(0);
  expect(second.stdout).toContain(`${runId} (goes on where it was)`);
  expect(second.stdout).toContain('1 of its nodes are recorded already');
  expect(second.stdout.match(/^node \d/gm)).toHaveLength(2);
  expect(await nodeIds(runId)).toEqual([1, 2, 3]);
  expect(model.requests().filter(({ call }) => call === `${runId}/2/draft/1`)).toHaveLength(1);
});

async function logs(runId: string, node: number): Promise<boolean> {
  const output = parseOutput(
    z.object({ running: z.boolean(), output: z.string() }),
    await workplace.run(['logs', runId, String(node), '--json']),
  );
  return output.running && output.output.includes(`node ${node}: draft`);
}

/** The stored script is what runs again; without its sleep. */
async function shortenScript(runId: string, node: number): Promise<void> {
  const store = createDirectoryStore(workplace.store);
  const key = `${runId}/nodes/${node}/solution.py`;
  const script = String(await store.read(key));
  expect(script).toContain('time.sleep(600)');
  await store.write(key, script.replace('time.sleep(600)', 'time.sleep(0)'));
}

test('a refused key pauses the run, and once it is mended the same command goes on', async () => {
  model.control.addRules({
    node: 2,
    action: { type: 'respond', status: 401, body: '{"error":{"message":"bad key"}}' },
  });
  const words = ['--steps', '2', '--run-id', 'refused'];
  const first = await run(...words).ended;

  expect(first.exitCode).toBe(1);
  expect(first.stderr).toMatch(/run refused paused itself \(model_key\)/);
  expect(first.stderr).toContain('goes on with it');
  expect(await status('refused')).toMatchObject({
    state: 'paused',
    pause: { reason: 'model_key' },
    steps: { done: 1 },
  });

  model.control.clearRules();
  const second = await run(...words).ended;
  expect(second.stdout).toContain('it had paused');
  expect(second.exitCode).toBe(0);
  expect(await nodeIds('refused')).toEqual([1, 2]);
});

test('a run without a working script ends with status 3', async () => {
  model.control.addRules({ action: { type: 'answer', script: { fail: 'exception' } } });
  model.control.addRules({ purpose: 'review', action: { type: 'answer' } });
  const ended = await run('--steps', '2', '--run-id', 'hopeless').ended;

  expect(ended.exitCode).toBe(3);
  expect(ended.stdout).toMatch(/node 1\/2 .*failed: exception/);
  expect(ended.stdout).toContain('none: no script worked');
  const again = await run('--steps', '2', '--run-id', 'hopeless').ended;
  expect(again.exitCode).toBe(3);

  // Without its state nobody knows that it was over: it goes on, and the file is there again.
  const state = path.join(workplace.store, 'hopeless', 'state.json');
  await rm(state);
  const resumed = await workplace.run(['resume', 'hopeless'], withModel);
  expect(resumed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('goes on from its files') as string });
  expect((await run('--steps', '2', '--run-id', 'hopeless').ended).exitCode).toBe(3);
  expect(JSON.parse(await readFile(state, 'utf8'))).toMatchObject({ state: 'finished', stopReason: 'steps' });
});

test('start, worker, pause, extend, resume and stop work from terminals of their own', async () => {
  model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'hold' } });
  const started = await workplace.run(['start', workplace.task, '--steps', '50', '--parallel', '1'], withModel);
  const runId = runIdIn(started.stdout);
  expect(started.exitCode).toBe(0);
  expect(started.stdout).toContain(
    `temporal workflow start --type treeSearch --task-queue coppice --workflow-id ${runId}`,
  );
  expect(started.stderr).toMatch(/no worker polls coppice,.*coppice worker/);
  const waiting = await workplace.run(['status', runId]);
  expect(waiting).toMatchObject({ exitCode: 2, stdout: '' });
  expect(waiting.stderr).toMatch(/has not begun .* start one with `coppice worker`/);
  expect((await workplace.run(['tree', runId])).stderr).toMatch(/has not begun/);
  const watching = workplace.start(['watch', runId]);
  await waitUntil('it is said what is waited for', () => watching.stderr().includes('waits for a worker; start one'));
  expect((await workplace.run(['start', workplace.task, '--run-id', 'early'], withModel)).exitCode).toBe(0);
  const hinted = await workplace.run(['hint', 'early', 'too', 'early']);
  expect(hinted.exitCode).toBe(1);
  expect(hinted.stderr).toMatch(
    /^coppice: no worker took it up within 15 s; it may lie with the server and take effect/,
  );
  expect((await workplace.run(['cancel', 'early'])).exitCode).toBe(0);

  const worker = workplace.start(['worker', '--slots', '1'], withModel);
  await worker.waitFor(/polls coppice-exec, 1 script at once/);
  await waitUntil('the cancelled run is over', async () =>
    (await workplace.run(['status', 'early'])).stderr.includes('was cancelled before it began'),
  );
  await waitUntil('the first node', async () =>
    (await workplace.run(['show', runId, '1', '--json'])).stdout.includes('"working"'),
  );
  await watching.waitFor(/recorded already|node 1\/50/);
  watching.process.kill('SIGINT');
  expect((await watching.ended).exitCode).toBe(130);
  expect(
    (await workplace.run(['start', workplace.task, '--steps', '50', '--parallel', '1'], withModel)).stdout,
  ).toContain(`${runId} (goes on)`);
  expect((await workplace.run(['pause', runId])).stdout).toContain(`paused ${runId}`);
  model.control.release();
  await waitUntil('the pause', async () => (await status(runId)).state === 'paused');
  const extended = await workplace.run(['extend', runId, '--steps', '+5']);
  expect(extended.stdout).toMatch(/of 55 steps/);

  const attached = workplace.start(['run', workplace.task, '--steps', '50', '--parallel', '1'], withModel);
  await attached.waitFor(/^paused by a person; waiting/m);
  expect((await workplace.run(['resume', runId])).exitCode).toBe(0);
  await attached.waitFor(/resumed/);
  await attached.waitFor(/node 3\/55/);
  expect((await workplace.run(['stop', runId])).exitCode).toBe(0);
  const ended = await attached.ended;
  expect(ended.stdout).toContain('finished: it was stopped by hand');
  expect(ended.exitCode).toBe(0);
  expect(await status(runId)).toMatchObject({ state: 'finished', stopReason: 'stopped' });
  const late = await workplace.run(['pause', runId]);
  expect(late.exitCode).toBe(1);
  expect(late.stderr).toContain('is over');

  worker.process.kill('SIGTERM');
  expect((await worker.ended).exitCode).toBe(0);
});

test('a cancelled run and a terminated one end the command, and only the second goes on', async () => {
  model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'hold' } });
  const cancelled = run('--run-id', 'given-up');
  await cancelled.waitFor(/node 1\//);
  expect((await workplace.run(['cancel', 'given-up'])).exitCode).toBe(0);
  expect((await cancelled.ended).exitCode).toBe(1);
  expect((await status('given-up')).state).toBe('cancelled');
  expect((await run('--run-id', 'given-up').ended).stderr).toContain('is over');

  const terminated = run('--run-id', 'cut-off', '--steps', '2');
  await terminated.waitFor(/node 1\//);
  const { client, close } = await openClient(
    await resolveConnection({ settings: readSettings(workplace.environment) }),
  );
  await client.workflow.getHandle('cut-off').terminate();
  await close();
  const ended = await terminated.ended;
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toMatch(/terminated from outside: `npx coppice run .*` goes on/);
  expect((await status('cut-off')).state).toBe('terminated');
  model.control.clearRules();
  expect((await run('--run-id', 'cut-off', '--steps', '2').ended).exitCode).toBe(0);
});

test('a server that is killed comes back under a run that needs it', async () => {
  model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'hold' } });
  const command = run('--run-id', 'bereft', '--steps', '2');
  await command.waitFor(/node 1\//);
  const server = await readDescription(workplace.home);
  process.kill(server!.pid, 'SIGKILL');
  await command.waitFor(/was gone and runs again/);
  model.control.clearRules();
  model.control.release();
  const ended = await command.ended;

  expect(ended.exitCode).toBe(0);
  expect(await nodeIds('bereft')).toEqual([1, 2]);
});

test('a reader that goes away does not end the run', async () => {
  const command = run('--run-id', 'unread', '--steps', '2');
  command.process.stdout?.once('data', () => command.process.stdout?.destroy());
  const ended = await command.ended;

  expect(ended.exitCode).toBe(0);
  expect((await status('unread')).state).toBe('finished');
});

test('without a language model the first line and the last one say so', async () => {
  const words = ['run', workplace.task, '--run-id', 'plain', '--steps', '1', '--slots', '1'];
  const { stdout, exitCode } = await workplace.run(words);

  expect(exitCode).toBe(0);
  expect(stdout.split('\n')[0]).toMatch(/^No language model is named/);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^No language model was used/);
});
