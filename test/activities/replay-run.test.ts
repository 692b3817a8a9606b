import { replayProposal, replayReview } from '../../src/activities/replay-node';
import type { RunFile } from '../../src/domain/run-files';
import { runFileSchema } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import { NO_USAGE } from '../../src/domain/usage';
import { contentHash } from '../../src/store/content-hash';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';
import { draftOf } from './model-step-fixture';
import type { OpenRunScene } from './open-run-scene';
import { openScene } from './open-run-scene';

let scene: OpenRunScene;
let store: ArtifactStore;

beforeEach(async () => {
  scene = await openScene();
  ({ store } = scene);
  await writeRun(store, {
    runId: 'source',
    spec: { task: scene.task, models: { default: 'large' } },
    run: { seed: 77 },
    evaluation: { kind: 'command', why: 'The task has an evaluator.', split: null },
    nodes: [
      { id: 1, metric: 30 },
      { id: 3, parent: 1, metric: 20 },
      { id: 2, reason: 'no_code' },
      { id: 5, parent: 1, stage: 'executing' },
    ],
    state: { state: 'finished', stopReason: 'steps' },
  });
  await store.write('source/task/evaluate.py', 'evaluate');
});

afterEach(() => scene.close());

function replay(spec: Partial<RunSpecInput> = {}): Promise<OpenRunResult> {
  // The worker has a model: a replay must not use it.
  const environment = { OPENAI_API_KEY: 'key', COPPICE_MODEL: 'large' };
  return scene.open({ task: 'diamonds', replay: 'source', ...spec }, { environment });
}

async function replayFile(): Promise<RunFile> {
  const file = await readJson(store, runKeys('run').run, runFileSchema);
  if (file === null) throw new Error('there is no run.json');
  return file;
}

describe('opening a replay', () => {
  it('gives the recorded nodes by id, with the seed of the source and no model', async () => {
    const opened = await replay();
    expect(opened).toMatchObject({
      seed: 77,
      evaluation: 'command',
      recovered: null,
      replayed: { parents: [0, 0, 1], operators: 'ddi', outcomes: 'wcw', metrics: [30, null, 20] },
    });
    expect(new Set(Object.values(opened.modelRoutes).flat())).toEqual(new Set(['offline']));
    expect((await store.read('run/task/evaluate.py'))?.toString()).toBe('evaluate');
    expect(await store.list('run/nodes')).toEqual([]);
  });

  it('stays what it was when the source goes on meanwhile', async () => {
    const { replayed } = await replay();
    await store.remove('source/nodes/3');
    const again = await replay();
    expect(again.replayed).toEqual(replayed);
    expect(again.recovered).toMatchObject({ completions: 0 });
  });

  it.each([
    [{ replay: 'nowhere' }, 'run "nowhere" is not in the store'],
    [{ replay: 'empty' }, 'run "empty" has no recorded node yet'],
    [{ task: { data: 'diamonds/input', goal: 'g', metric: 'mae' } }, 'about another task'],
    [{ evaluation: 'reported' }, 'are made by command, and reported is asked for'],
  ] as const)('is refused for %j', async (spec, message) => {
    await writeRun(store, { runId: 'empty', spec: { task: scene.task } });
    await expect(replay(spec)).rejects.toMatchObject({
      type: 'InvalidTask',
      nonRetryable: true,
      message: expect.stringContaining(message) as string,
    });
    expect(await store.exists('run')).toBe(false);
  });
});

describe('a node of a replay', () => {
  const proposed = (nodeId: number) => ({ ...draftOf(nodeId), runId: 'run' });
  const reviewed = { runId: 'run', nodeId: 1, model: 0, moneyLeft: { tokens: null, costUsd: null } };

  it('gets plan and script of the source, and nothing was used for it', async () => {
    await replay();
    const code = "print('node 1')\n";
    expect(await replayProposal(store, await replayFile(), proposed(1))).toEqual({
      status: 'proposed',
      codeHash: contentHash(code),
      usage: NO_USAGE,
    });
    expect((await store.read('run/nodes/1/solution.py'))?.toString()).toBe(code);
    expect((await store.read('run/nodes/1/plan.md'))?.toString()).toContain('Plan of node 1');
  });

  it.each(['no_code', 'model_refused'])('fails again as it did (%s)', async (reason) => {
    await replay();
    const message = 'the model gave nothing';
    const usage = { ...NO_USAGE, calls: 3 };
    await writeJson(store, runKeys('source').node(2).proposal, { status: 'failed', reason, message, usage });
    expect(await replayProposal(store, await replayFile(), proposed(2))).toEqual({
      status: 'failed',
      reason,
      message,
      usage: NO_USAGE,
    });
    expect(await store.exists('run/nodes/2/solution.py')).toBe(false);
  });

  it('is not taken from a node that was made in another way', async () => {
    await replay();
    await expect(replayProposal(store, await replayFile(), proposed(3))).rejects.toMatchObject({
      type: 'InvalidTask',
      nonRetryable: true,
    });
  });

  it('says which file of the source is gone', async () => {
    await replay();
    await store.remove('source/nodes/1/solution.py');
    await expect(replayProposal(store, await replayFile(), proposed(1))).rejects.toThrow(
      'source/nodes/1/solution.py is missing',
    );
  });

  it('gets the review of the same script', async () => {
    await replay();
    await replayProposal(store, await replayFile(), proposed(1));
    expect(await replayReview(store, await replayFile(), reviewed)).toMatchObject({
      codeHash: contentHash("print('node 1')\n"),
      verdict: 'sound',
      summary: 'What node 1 showed.',
      usage: NO_USAGE,
    });
  });

  it('stays unreviewed where the source has no review of that script', async () => {
    await replay();
    await store.write('run/nodes/1/solution.py', 'another');
    expect(await replayReview(store, await replayFile(), reviewed)).toMatchObject({
      codeHash: contentHash('another'),
      verdict: 'unreviewed',
      usage: NO_USAGE,
    });
  });
});
