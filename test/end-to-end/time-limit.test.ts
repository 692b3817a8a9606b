import { setTimeout as sleep } from 'node:timers/promises';
import { executionFileSchema } from '../../src/domain/node-record';
import { runFileSchema } from '../../src/domain/run-files';
import { KILL_GRACE_MS } from '../../src/sandbox/process-tree';
import type { CoppiceProcess, Workplace } from '../helpers/coppice-process';
import { makeWorkplace } from '../helpers/coppice-process';
import { waitUntil } from '../helpers/wait-until';
import type { ScriptedModel } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { modelAt } from './answered-calls';

/** Working time of each run here, in seconds. */
const LIMIT = 30;
/** What a busy machine may need for the steps that end a run. */
const ALLOWANCE = 30;
const isLong = process.env['COPPICE_LONG_TESTS'] === '1';
/** More than a heartbeat's patience, so that the server takes the script's worker for lost. */
const OUTAGE = isLong ? 120 : 25;
const TEST_MS = (LIMIT + OUTAGE) * 1000 + 4 * 60_000;

let workplace: Workplace;
let model: ScriptedModel;

beforeAll(async () => {
  workplace = await makeWorkplace();
  // The first script works; all others would run for an hour.
  model = await startScriptedModel({ script: ({ node }) => (node === 1 ? {} : { sleepSeconds: 3600 }) });
});

afterAll(async () => {
  await workplace.cleanup();
  await model.close();
});

afterEach(() => {
  model.control.clearRules();
});

function search(runId: string): CoppiceProcess {
  const args = ['run', workplace.task, '--run-id', runId, '--slots', '1', '--seed', '1', '--time-limit', `${LIMIT}s`];
  return workplace.coppice(args, modelAt(model.baseUrl));
}

async function untilScriptRuns(runId: string): Promise<void> {
  await waitUntil('the script of node 2 runs', async () => (await workplace.scripts(runId, 2)).length > 0);
}

/** The run has ended by its limit, with its report, and all its scripts are gone; what its files say of its time. */
async function expectOver(runId: string) {
  const { state, nodes } = await workplace.readRun(runId);
  const run = runFileSchema.parse(JSON.parse((await workplace.read(`${runId}/run.json`)) ?? ''));
  expect(state).toMatchObject({ state: 'finished', stopReason: 'time', stepsTotal: 20, best: { id: 1 } });
  expect(nodes[0]).toMatchObject({ id: 1, status: 'working' });
  expect(await workplace.read(`${runId}/report.md`)).toContain('Best score: ');
  expect(await workplace.read(`${runId}/tree.html`)).toContain('</html>');
  expect(await workplace.read(`${runId}/best/solution.py`)).toContain('METRIC');
  expect(await workplace.scripts(runId)).toEqual([]);

  const worked = state?.elapsedSeconds ?? 0;
  const lasted = (Date.parse(state?.updatedAt ?? '') - Date.parse(run.createdAt)) / 1000;
  console.log(`${runId}: limit ${LIMIT} s, worked ${worked} s, lasted ${lasted} s`);
  expect(worked).toBeGreaterThanOrEqual(LIMIT);
  expect(worked).toBeLessThanOrEqual(LIMIT + KILL_GRACE_MS / 1000 + ALLOWANCE);
  return { worked, lasted };
}

test(
  'a run ends at its time limit, whatever its script does, and has its report',
  async () => {
    const stubborn =
      'Sleep on.\n\n```python\nimport signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(3600)\n```\n';
    model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'answer', text: stubborn } });
    const { exitCode, stdout } = await search('limited').ended;

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/finished: .*time/);
    await expectOver('limited');
    // The script's own limit was what was left of the run's; it had to be killed.
    const execution = executionFileSchema.parse(
      JSON.parse((await workplace.read('limited/nodes/2/execution.json')) ?? ''),
    );
    expect(execution).toMatchObject({ status: 'failed', reason: 'timeout', signal: 'SIGKILL' });
    const scriptLimit = Number(/ended at its limit of ([\d.]+) s/.exec(execution.message)?.[1]);
    expect(scriptLimit).toBeGreaterThan(0);
    expect(scriptLimit).toBeLessThan(LIMIT);
  },
  TEST_MS,
);

test(
  'a pause is not counted',
  async () => {
    model.control.addRules({ node: 2, purpose: 'draft', action: { type: 'hold' } });
    const command = search('paused');
    await waitUntil('node 2 is being written', () => model.requests().some(({ call }) => call === 'paused/2/draft/1'));
    expect((await workplace.run(['pause', 'paused'])).exitCode).toBe(0);
    const pausedAt = Date.now();
    model.control.release();
    await sleep(LIMIT * 1000);
    const pause = (Date.now() - pausedAt) / 1000;
    expect((await workplace.run(['resume', 'paused'])).exitCode).toBe(0);

    expect((await command.ended).exitCode).toBe(0);
    const { worked, lasted } = await expectOver('paused');
    expect(worked).toBeLessThanOrEqual(lasted - pause);
  },
  TEST_MS,
);

test(
  'the time in which the server hangs is not counted',
  async () => {
    const command = search('hung');
    await untilScriptRuns('hung');
    const server = await workplace.server();
    process.kill(server!.pid, 'SIGSTOP');
    await sleep(OUTAGE * 1000);
    process.kill(server!.pid, 'SIGCONT');

    expect((await command.ended).exitCode).toBe(0);
    const { worked, lasted } = await expectOver('hung');
    expect(worked).toBeLessThanOrEqual(lasted - OUTAGE);
  },
  TEST_MS,
);

test(
  'the time in which server and worker are gone is not counted',
  async () => {
    const command = search('gone');
    await untilScriptRuns('gone');
    await command.kill();
    expect(await workplace.killServer()).toBe(true);
    await sleep(OUTAGE * 1000);

    expect((await search('gone').ended).exitCode).toBe(0);
    const { worked, lasted } = await expectOver('gone');
    expect(worked).toBeLessThanOrEqual(lasted - OUTAGE);
  },
  TEST_MS,
);
