import path from 'node:path';
import { cp, readlink } from 'node:fs/promises';
import type { EvaluationFile } from '../../src/domain/evaluation';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { forkFileSchema } from '../../src/domain/fork-file';
import { runFileSchema } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { OpenRunResult } from '../../src/domain/steps';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { readJson } from '../../src/store/json-file';
import { listNodeIds } from '../../src/store/node-ids';
import { runKeys } from '../../src/store/run-keys';
import { StoreError } from '../../src/store/store-error';
import { writeRun } from '../helpers/run-fixture';
import { writeDigest } from '../helpers/stored-digests';
import type { OpenRunScene } from './open-run-scene';
import { openScene } from './open-run-scene';

const HOLDOUT: EvaluationFile = {
  kind: 'holdout',
  why: 'The data allow hidden rows.',
  split: {
    method: 'random',
    trainRows: 60,
    searchRows: 20,
    selectionRows: 20,
    testRows: 0,
    dataHash: 'hash',
    made: ['test.csv'],
  },
};

let scene: OpenRunScene;
let store: ArtifactStore;

beforeEach(async () => {
  scene = await openScene();
  ({ store } = scene);
  await writeRun(store, {
    runId: 'source',
    spec: { task: scene.task, steps: 9 },
    run: { seed: 77 },
    evaluation: HOLDOUT,
    // In the order in which they were recorded: 3 before 2, while 5 was in the making.
    nodes: [
      { id: 1, metric: 30 },
      { id: 3, metric: 20 },
      { id: 2, reason: 'timeout' },
      { id: 4, operator: 'improve', parent: 3, metric: 10 },
      { id: 5, parent: 1, stage: 'executing' },
    ],
    state: { state: 'finished', stopReason: 'steps', extendedSteps: 3, elapsedSeconds: 99 },
  });
  await writeDigest(store, 'source', 2, 5);
  await writeDigest(store, 'source', 3, 7);
  await store.write('source/nodes/3/calls/draft-1/response.json', '{"text": "bought"}');
  await store.write('source/nodes/3/variants/seed-1/execution.json', '{}');
  await store.write('source/task/scorer.py', 'score');
  await store.write('source/data/train.csv', 'rows');
  await store.write('source/prompts/draft.liquid', 'template');
});

afterEach(() => scene.close());

function fork(spec: Partial<RunSpecInput> = {}, more?: Parameters<OpenRunScene['open']>[1]): Promise<OpenRunResult> {
  return scene.open({ task: 'diamonds', fork: { run: 'source', node: 3 }, ...spec }, more);
}

async function readRunFile() {
  const file = await readJson(store, runKeys('run').run, runFileSchema);
  if (file === null) throw new Error('there is no run.json');
  return file;
}

async function textOf(key: string): Promise<string | undefined> {
  return (await store.read(key))?.toString();
}

describe('a fork', () => {
  it('takes over the tree as it stood when the node was recorded', async () => {
    const { recovered } = await fork();
    expect(recovered).toMatchObject({
      tree: { parents: [0, 0, 0], operators: 'd-d', outcomes: 'w-w', metrics: [30, null, 20] },
      completions: 2,
      bestCompletion: 2,
      extendedSteps: 0,
      elapsedMs: 15_000,
      digest: 2,
    });
    expect(recovered?.usage.calls).toBe(2 + 2 + 5);
    expect(await listNodeIds(store, 'run')).toEqual([1, 3]);
    expect(await store.list('run/digests')).toEqual(['2']);
    expect(await readJson(store, runKeys('run').fork, forkFileSchema)).toMatchObject({
      source: 'source',
      node: 3,
      nodes: 2,
      usage: { calls: 9 },
    });
  });

  it('has the answers that were bought, and nothing of the final selection', async () => {
    await fork();
    expect(await textOf('run/nodes/3/calls/draft-1/response.json')).toBe('{"text": "bought"}');
    expect(await textOf('run/nodes/3/solution.py')).toBe("print('node 3')\n");
    expect(await store.list('run/nodes/3/variants')).toEqual([]);
    expect(await store.exists('run/selection.json')).toBe(false);
    expect(await store.exists('run/state.json')).toBe(false);
  });

  it('works with what its source works with, its own journal and its own best', async () => {
    const { evaluation } = await fork();
    expect(evaluation).toBe('holdout');
    expect(await textOf('run/task/scorer.py')).toBe('score');
    expect(await textOf('run/data/train.csv')).toBe('rows');
    expect(await textOf('run/prompts/draft.liquid')).toBe('template');
    expect(
      (await textOf('run/journal.jsonl'))
        ?.trimEnd()
        .split('\n')
        .map((line) => /"id":(\d)/.exec(line)?.[1]),
    ).toEqual(['1', '3']);
    expect(await readlink(path.join(scene.root, 'run', 'best'))).toBe(path.join('bests', '3'));
  });

  it('keeps the rows that were withheld, whatever its own seed', async () => {
    await fork({ seed: 5 });
    const file = await readJson(store, runKeys('run').evaluation, evaluationFileSchema);
    expect(file?.split).toEqual({ ...HOLDOUT.split, seed: 77 });
    await scene.open({ task: 'diamonds', fork: { run: 'run', node: 3 } }, { runId: 'again' });
    const next = await readJson(store, runKeys('again').evaluation, evaluationFileSchema);
    expect(next?.split?.seed).toBe(77);
  });

  it('has the seed of its source, or the one asked for, and the task as the source had settled it', async () => {
    expect((await fork()).seed).toBe(77);
    expect(await readRunFile()).toMatchObject({
      seed: 77,
      request: { fork: { run: 'source', node: 3 }, steps: 20 },
      task: { metric: 'rmse' },
    });
    await store.remove('run');
    expect((await fork({ seed: 5 })).seed).toBe(5);
  });

  it('may have other models', async () => {
    const environment = { OPENAI_API_KEY: 'key' };
    const { modelRoutes } = await fork({ models: { default: 'another' } }, { environment });
    expect(modelRoutes.draft).not.toEqual(['offline']);
    expect((await readRunFile()).models.draft).toMatchObject([{ name: 'another' }]);
  });

  it('goes on from its own files later', async () => {
    await fork();
    await writeRun(store, { runId: 'source', spec: { task: scene.task }, nodes: [] });
    await store.remove('source/nodes');
    expect((await fork()).recovered?.completions).toBe(2);
  });
});

describe('a fork that is interrupted while it copies', () => {
  /** Fails for good after so many copies. */
  function failingAfter(copies: number): ArtifactStore {
    let left = copies;
    return {
      ...store,
      copy: (from, to) => {
        left -= 1;
        return left < 0 ? Promise.reject(new StoreError('the disk is gone')) : store.copy(from, to);
      },
    };
  }

  it.each([0, 3, 8])('is no run yet, and the next attempt completes it (%i files copied)', async (copies) => {
    await expect(fork({}, { store: failingAfter(copies) })).rejects.toThrow('the disk is gone');
    expect(await store.exists('run/run.json')).toBe(false);
    expect((await fork()).recovered).toMatchObject({ completions: 2, digest: 2 });
    expect(await textOf('run/nodes/3/calls/draft-1/response.json')).toBe('{"text": "bought"}');
  });

  it('leaves nothing to a fork of another node under the same id', async () => {
    await expect(fork({}, { store: failingAfter(20) })).rejects.toThrow('the disk is gone');
    expect(await listNodeIds(store, 'run')).toContain(3);
    await fork({ fork: { run: 'source', node: 1 } });
    expect(await listNodeIds(store, 'run')).toEqual([1]);
  });
});

describe('a fork is refused', () => {
  it.each([
    [{ fork: { run: 'nowhere', node: 3 } }, 'InvalidTask', 'run "nowhere" is not in the store'],
    [{ fork: { run: 'source', node: 5 } }, 'InvalidTask', 'run "source" has no recorded node 5'],
    [{ fork: { run: 'source', node: 99 } }, 'InvalidTask', 'run "source" has no recorded node 99'],
    [{ steps: 2 }, 'InvalidTask', 'ask for at least 3 with --steps'],
    [{ task: 'others' }, 'InvalidTask', 'run "source" is about another task than the one named (task differ)'],
    [{ evaluation: 'reported' }, 'InvalidTask', 'are made by holdout, and reported is asked for'],
    [{ replay: 'source' }, 'InvalidTask', 'either a fork or a replay'],
    [{ models: { default: 'unreachable' } }, 'ModelKeyRejected', 'unreachable'],
  ] as const)('for %j', async (spec, type, message) => {
    await cp(scene.task, path.join(scene.task, '..', 'others'), { recursive: true });
    await expect(fork(spec)).rejects.toMatchObject({
      type,
      nonRetryable: true,
      message: expect.stringContaining(message) as string,
    });
    expect(await store.exists('run')).toBe(false);
  });

  it('where nodes of a run lie that lost its run.json', async () => {
    await store.write('run/nodes/9/node.json', '{}');
    await expect(fork()).rejects.toMatchObject({ type: 'RunIdInUse', nonRetryable: true });
    expect(await textOf('run/nodes/9/node.json')).toBe('{}');
  });
});
