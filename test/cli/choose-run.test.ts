import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseRun } from '../../src/cli/choose-run';
import type { LiveRuns } from '../../src/cli/live-run';
import type { RunRequest } from '../../src/cli/request';
import type { WorkflowStatus } from '../../src/cli/workflow-status';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import { writeRun } from '../helpers/run-fixture';
import { runRequest } from '../helpers/run-request';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const ABSENT: LiveRuns = { server: 'absent' };

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-choose-'));
  captured = captureContext({ COPPICE_HOME: path.join(root, 'home'), COPPICE_STORE: path.join(root, 'runs') });
});

afterEach(() => rm(root, { recursive: true, force: true }));

function live(statuses: Record<string, WorkflowStatus>): LiveRuns {
  return { server: 'answers', statuses: new Map(Object.entries(statuses)) };
}

function choose(request: RunRequest, runs: LiveRuns = ABSENT, started: RunSpecInput | null = null) {
  return chooseRun(captured.context, request, runs, async () =>
    started === null ? null : runSpecSchema.parse(started),
  );
}

async function store(runId: string, createdAt: string, over: Parameters<typeof writeRun>[1]['state'] = {}, spec = {}) {
  await writeRun(captured.context.store, {
    runId,
    spec,
    run: { createdAt },
    nodes: [{ id: 1, metric: 1 }],
    state: over,
  });
}

const DAY_1 = '2026-01-01T00:00:00.000Z';
const DAY_2 = '2026-01-02T00:00:00.000Z';
const FINISHED = { state: 'finished', stopReason: 'steps' } as const;

test('without anything there, the first run of the task begins', async () => {
  expect(await choose(runRequest())).toEqual({ kind: 'new', named: null, first: 1 });
});

test('the newest unfinished run of the same request goes on', async () => {
  await store('diamonds-1', DAY_1);
  await store('diamonds-2', DAY_2);
  await store('diamonds-3', '2026-01-03T00:00:00.000Z', FINISHED);

  expect(await choose(runRequest())).toEqual({ kind: 'unfinished', runId: 'diamonds-2' });
});

test.each([
  [{ state: 'paused', pause: { reason: 'model_key', message: 'refused' } } as const, ABSENT],
  [{}, live({ 'diamonds-1': 'failed' })],
  [{}, live({ 'diamonds-1': 'terminated' })],
  [{}, live({ 'diamonds-1': 'running' })],
  [{}, live({})],
  [null, ABSENT],
])('an unfinished run goes on whether paused, failed, terminated or forgotten: %j', async (state, runs) => {
  await store('diamonds-1', DAY_1, state);

  expect(await choose(runRequest(), runs)).toEqual({ kind: 'unfinished', runId: 'diamonds-1' });
});

test('a finished run that was reset on the server goes on', async () => {
  await store('diamonds-1', DAY_1, FINISHED);

  expect(await choose(runRequest(), live({ 'diamonds-1': 'running' }))).toMatchObject({ kind: 'unfinished' });
});

test('another request begins a run of its own, past the highest number in use', async () => {
  await store('diamonds-7', DAY_1);

  expect(await choose(runRequest({ steps: 30 }))).toEqual({ kind: 'new', named: null, first: 8 });
});

test('a run that has no files yet but waits on the server goes on', async () => {
  const runs = live({ waiting: 'running' });

  expect(await choose(runRequest(), runs, { task: '/tasks/diamonds' })).toEqual({
    kind: 'unfinished',
    runId: 'waiting',
  });
  expect(await choose(runRequest(), runs, { task: '/tasks/other' })).toMatchObject({ kind: 'new' });
});

test('a run named is gone on with, or begun, or over', async () => {
  await store('mine', DAY_1);
  await store('done', DAY_2, FINISHED);

  expect(await choose(runRequest({}, 'mine'))).toEqual({ kind: 'unfinished', runId: 'mine' });
  expect(await choose(runRequest({}, 'done'))).toEqual({ kind: 'over', runId: 'done' });
  expect(await choose(runRequest({}, 'fresh'))).toEqual({ kind: 'new', named: 'fresh' });
});

test('a run named that was asked for differently is refused with the differing fields', async () => {
  await store('mine', DAY_1, {}, { steps: 30, models: { default: 'm' } });

  await expect(choose(runRequest({ steps: 20 }, 'mine'))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('models.default, steps differ') as string,
  });
});

test('what the machine filled in makes no other request, and a seed asked for does', async () => {
  await store('mine', DAY_1, {}, { machineDefaults: { parallel: 2 } });

  expect(await choose(runRequest({}, 'mine'))).toMatchObject({ kind: 'unfinished' });
  await expect(choose(runRequest({ seed: 4 }, 'mine'))).rejects.toThrow('seed differ');
});
