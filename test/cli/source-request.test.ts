import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandFailure } from '../../src/cli/command-failure';
import type { ForkFlags } from '../../src/cli/source-request';
import { forkRequest, replayRequest } from '../../src/cli/source-request';
import type { RunRequest } from '../../src/cli/request';
import type { RunView } from '../../src/report/run-view';
import { loadRunView } from '../../src/report/run-view';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import type { FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-source-request-'));
  captured = captureContext({
    COPPICE_HOME: path.join(root, 'home'),
    COPPICE_STORE: path.join(root, 'runs'),
    COPPICE_MODEL: 'named-since',
    OPENAI_API_KEY: 'key',
  });
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function source(fixture: Partial<FixtureRun>): Promise<RunView> {
  const { store } = captured.context;
  const nodes = [
    { id: 1, metric: 3 },
    { id: 2, metric: 2 },
    { id: 3, metric: 1 },
  ];
  await writeRun(store, { runId: 'first', nodes, ...fixture });
  const view = await loadRunView(store, 'first');
  if (view === null) throw new Error('the fixture has no run');
  return view;
}

async function fork(view: RunView, node: number, flags: ForkFlags = {}): Promise<RunRequest> {
  return forkRequest(captured.context, view, node, flags);
}

const WITH_MODEL: Partial<FixtureRun> = {
  spec: {
    models: { default: 'large' },
    steps: 4,
    limits: { time: '1h', deadline: '2026-01-02T04:00:00Z', tokens: 1000, script: '10m', runDisk: '1GB' },
  },
  run: { models: resolvedModels(resolvedModel()) },
  state: { stepsTotal: 9, extendedSteps: 5, extendedSeconds: 60, extendedTokens: 50, extendedDiskBytes: 5e8 },
};

describe('the request of a fork', () => {
  it('is the one of its source with all that the source was given since, but for its deadline', async () => {
    const { spec, input } = await fork(await source(WITH_MODEL), 2);
    expect(spec).toMatchObject({
      task: '/tasks/diamonds',
      steps: 9,
      models: { default: 'large' },
      limits: { time: 3660, tokens: 1050, script: 600, runDisk: 1.5e9 },
      fork: { run: 'first', node: 2 },
    });
    expect(spec.limits.deadline).toBeUndefined();
    expect(spec.seed).toBeUndefined();
    expect(JSON.parse(JSON.stringify(input))).toMatchObject({ fork: { run: 'first', node: 2 } });
  });

  it('may ask for other things', async () => {
    const flags = { steps: 4, model: 'other', seed: 5, timeLimit: '30m', maxTokens: 7, runId: 'mine', prompts: 'own' };
    const { spec, models, runId } = await fork(await source(WITH_MODEL), 2, flags);
    expect(spec).toMatchObject({
      steps: 4,
      seed: 5,
      models: { default: 'other' },
      limits: { time: 1800, tokens: 7 },
      prompts: path.resolve('own'),
    });
    expect(models.draft).toMatchObject([{ name: 'other' }]);
    expect(runId).toBe('mine');
  });

  it('stays offline where the source was, unless a model is asked for', async () => {
    const view = await source({});
    expect((await fork(view, 1)).models.draft).toMatchObject([{ endpoint: 'offline' }]);
    expect((await fork(view, 1, { model: 'large' })).models.draft).toMatchObject([{ name: 'large' }]);
  });

  it('of a replay or of another fork is a fork of that', async () => {
    const view = await source({ spec: { replay: 'older', steps: 9 } });
    const { spec } = await fork(view, 1);
    expect(spec.replay).toBeUndefined();
    expect(spec.fork).toEqual({ run: 'first', node: 1 });
  });

  it('needs a step that is not taken over', async () => {
    const failure = await fork(await source(WITH_MODEL), 2, { steps: 2 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({
      exitCode: 2,
      message:
        '2 nodes of run "first" are taken over up to node 2, and 2 steps in all leave none to make: ask for at least 3 with --steps',
    });
  });
});

describe('the request of a replay', () => {
  it('asks for as many steps as are recorded, with no model and no limit but that of a script', async () => {
    const { spec, models } = replayRequest(captured.context, await source(WITH_MODEL), { parallel: 2, runId: 'again' });
    expect(spec).toMatchObject({
      task: '/tasks/diamonds',
      steps: 3,
      parallel: 2,
      seed: 7,
      replay: 'first',
      models: {},
    });
    expect(spec.limits).toEqual({ script: 600 });
    expect(models.review).toMatchObject([{ endpoint: 'offline' }]);
  });
});
