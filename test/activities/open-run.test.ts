import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EvaluationFile } from '../../src/domain/evaluation';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { PURPOSES } from '../../src/domain/purpose';
import { runFileSchema } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { readJson } from '../../src/store/json-file';
import { writeRun } from '../helpers/run-fixture';
import { writeDigest } from '../helpers/stored-digests';
import type { OpenRunScene } from './open-run-scene';
import { openScene } from './open-run-scene';

let scene: OpenRunScene;
let directory: string;
let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  scene = await openScene();
  ({ directory, root, store } = scene);
});

afterEach(() => scene.close());

function open(spec: RunSpecInput, environment: Record<string, string> = {}): Promise<OpenRunResult> {
  return scene.open(spec, { environment });
}

describe('opening a run', () => {
  it('settles task, seed and model and writes them down', async () => {
    const opened = await open({ task: 'diamonds', machineDefaults: { parallel: 3 } });
    const run = await readJson(store, 'run/run.json', runFileSchema);
    expect(opened).toEqual({
      seed: run?.seed,
      direction: 'minimize',
      modelRoutes: Object.fromEntries(PURPOSES.map((purpose) => [purpose, ['offline']])),
      serverDownMs: 1234,
      evaluation: 'auto',
      reruns: 0,
      recovered: null,
      replayed: null,
      drainAt: { events: 30_000, bytes: 1 },
    });
    expect(run).toMatchObject({
      parallel: 3,
      task: { name: 'diamonds', target: 'price', sample: 'sample_submission.csv' },
      request: { task: path.join(directory, 'tasks', 'diamonds'), steps: 20 },
    });
    expect(run?.request.machineDefaults).toBeUndefined();
  });

  it('draws another seed for another run, and keeps the one asked for', async () => {
    expect((await open({ task: 'diamonds', seed: 77 })).seed).toBe(77);
    await store.remove('run');
    const first = (await open({ task: 'diamonds' })).seed;
    await store.remove('run');
    expect((await open({ task: 'diamonds' })).seed).not.toBe(first);
  });

  it('goes on from its files for the same request, whatever machine asks and however the task is named', async () => {
    const first = await open({ task: 'diamonds', machineDefaults: { parallel: 3 } });
    const again = await open({ task: path.join(directory, 'tasks', 'diamonds'), machineDefaults: { parallel: 1 } });
    expect(again.seed).toBe(first.seed);
    expect(again.recovered).toMatchObject({ completions: 0, tree: { parents: [] } });
  });

  it('refuses another request under the same id, names the fields and touches nothing', async () => {
    await open({ task: 'diamonds' });
    const before = await store.read('run/run.json');
    await expect(open({ task: 'diamonds', steps: 50, limits: { time: '2h' } })).rejects.toMatchObject({
      type: 'RunIdInUse',
      nonRetryable: true,
      message: expect.stringContaining('limits.time, steps differ') as string,
    });
    expect(await store.read('run/run.json')).toEqual(before);
    expect(await readdir(path.join(root, 'run'))).toEqual(['run.json']);
  });

  it.each([
    [{ task: 'nowhere' }, {}, 'InvalidTask'],
    [{ task: { data: 'diamonds/input', goal: 'g', metric: 'closeness' } }, {}, 'InvalidTask'],
    [{ task: 'diamonds', models: { default: 'gpt' } }, {}, 'ModelKeyRejected'],
  ])('leaves nothing behind for %j', async (spec, environment, type) => {
    await expect(open(spec, environment)).rejects.toMatchObject({ type, nonRetryable: true });
    expect(await readdir(directory)).toEqual(['tasks']);
  });
});

describe('how nodes are scored', () => {
  async function evaluation(): Promise<EvaluationFile | null> {
    return readJson(store, 'run/evaluation.json', evaluationFileSchema);
  }

  it('is left to the grade worker where only the rows can tell', async () => {
    expect((await open({ task: 'diamonds' })).evaluation).toBe('auto');
    expect(await evaluation()).toBeNull();
  });

  it('is settled and written down at once where names and sizes tell', async () => {
    await writeFile(path.join(directory, 'tasks', 'diamonds', 'input', 'more.csv'), 'id,price\n');
    expect((await open({ task: 'diamonds' })).evaluation).toBe('reported');
    expect(await evaluation()).toEqual({
      kind: 'reported',
      why: 'Scripts report their own scores, since the data are more than one training table (more.csv).',
      split: null,
    });
  });

  it('is as asked for by name', async () => {
    expect((await open({ task: 'diamonds', evaluation: 'reported' })).evaluation).toBe('reported');
    expect(await evaluation()).toMatchObject({ kind: 'reported', why: 'Scores that scripts report were asked for.' });
  });

  it.each([
    ['command', 'Evaluation by a command is asked for, but the task has none; write'],
    [
      'holdout',
      'Evaluation by hidden rows is asked for, but the scorer of mae says minimize, and the task says maximize;',
    ],
  ] as const)('is refused for good where %s is impossible, and nothing is left behind', async (kind, message) => {
    const file = path.join(directory, 'tasks', 'diamonds', 'task.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('minimize', 'maximize'));
    await expect(open({ task: 'diamonds', evaluation: kind })).rejects.toMatchObject({
      type: 'InvalidTask',
      nonRetryable: true,
      message: expect.stringContaining(message) as string,
    });
    expect(await readdir(directory)).toEqual(['tasks']);
  });

  it('stays reported in a run that was begun before rows were withheld', async () => {
    const task = path.join(directory, 'tasks', 'diamonds');
    await writeRun(store, { runId: 'run', spec: { task }, nodes: [{ id: 1, metric: 30 }] });
    expect((await open({ task: 'diamonds' })).evaluation).toBe('reported');
    expect(await evaluation()).toMatchObject({ kind: 'reported' });
  });
});

describe('rebuilding a run from its files', () => {
  it('has recorded nodes, what was in flight, holes, counts and times', async () => {
    await writeRun(store, {
      runId: 'run',
      spec: { task: path.join(directory, 'tasks', 'diamonds') },
      nodes: [
        { id: 1, metric: 30 },
        { id: 2, reason: 'timeout' },
        { id: 4, operator: 'improve', parent: 1, metric: 20 },
        { id: 5, operator: 'debug', parent: 2, stage: 'executing' },
      ],
      state: { extendedSteps: 5, extendedTokens: 600, extendedCostUsd: 1.5, elapsedSeconds: 99 },
    });
    await store.write('run/nodes/6/calls/draft-1/prompt.json', '{}');
    const { recovered } = await open({ task: 'diamonds' });
    expect(recovered).toMatchObject({
      tree: { parents: [0, 0, 0, 1, 2], operators: 'dd-ib', outcomes: 'wt-w.', metrics: [30, null, null, 20, null] },
      completions: 3,
      bestCompletion: 3,
      extendedSteps: 5,
      extendedTokens: 600,
      extendedCostUsd: 1.5,
      elapsedMs: 99_000,
      digest: null,
    });
    expect(recovered?.usage.calls).toBe(6);
  });

  it('goes on from the last digest that was finished, and counts what all of them used', async () => {
    const task = path.join(directory, 'tasks', 'diamonds');
    await writeRun(store, { runId: 'run', spec: { task }, nodes: [{ id: 1, metric: 30 }] });
    await writeDigest(store, 'run', 9, 3);
    await writeDigest(store, 'run', 20, 1);
    await store.write('run/digests/40/calls/digest-1/prompt.json', '{}');
    const { recovered } = await open({ task: 'diamonds' });
    expect(recovered?.digest).toBe(20);
    expect(recovered?.usage.calls).toBe(2 + 3 + 1);
  });
});
