import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPublish } from '../../src/activities/publish';
import type { FailureReason } from '../../src/domain/failure-reason';
import { executionFileSchema, nodeRecordSchema, reviewFileSchema } from '../../src/domain/node-record';
import type { Mark } from '../../src/domain/marks';
import type { PublishInput, PublishResult } from '../../src/domain/steps';
import { NO_USAGE } from '../../src/domain/usage';
import { contentHash } from '../../src/store/content-hash';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { writeRun } from '../helpers/run-fixture';

let root: string;
let store: ArtifactStore;
const removed: number[] = [];
const found: Mark[] = [];
const checked: number[] = [];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-publish-'));
  store = createDirectoryStore(root);
  await writeRun(store, {
    runId: 'run',
    nodes: [1, 2, 3].map((id) => ({ id, stage: 'reviewing' as const, code: `print(${id})\n` })),
  });
  for (const id of [1, 2, 3]) await store.write(`run/nodes/${id}/submission.csv`, `id,price\n1,${id}\n`);
});

afterEach(async () => {
  for (const list of [removed, found, checked]) list.length = 0;
  await rm(root, { recursive: true });
});

function publish(
  nodeId: number,
  metric: number | null,
  completion: number,
  best: PublishInput['snapshot']['best'],
  marks: readonly Mark[] = [],
  reason: FailureReason = 'timeout',
): Promise<PublishResult> {
  const step = createPublish({
    store,
    serverDownMs: async () => 5,
    checkNode: async ({ nodeId: node }) => {
      checked.push(node);
      return found;
    },
    removeAttempts: async (_runId, node) => {
      removed.push(node);
    },
  });
  return step({
    runId: 'run',
    nodeId,
    operator: 'draft',
    parent: null,
    status: metric === null ? 'failed' : 'working',
    reason: metric === null ? reason : null,
    metric,
    marks,
    completion,
    snapshot: {
      stepsTotal: 20,
      extendedSteps: 0,
      extendedMs: 0,
      extendedTokens: 0,
      extendedCostUsd: 0,
      extendedDiskBytes: 0,
      working: 1,
      failed: 0,
      inFlight: 0,
      best,
      selection: null,
      usage: NO_USAGE,
      elapsedMs: 1500,
      wentOnAfter: 0,
      pruned: [],
    },
  });
}

const journalIds = async (): Promise<number[]> =>
  ((await store.read('run/journal.jsonl'))?.toString() ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => nodeRecordSchema.parse(JSON.parse(line)).id);

describe('publishing a node', () => {
  it('records it, moves the link to the best and cleans up', async () => {
    expect(await publish(2, 7, 1, { id: 2, metric: 7 })).toEqual({ serverDownMs: 5, dataChanged: null });
    expect(await readJson(store, 'run/nodes/2/node.json', nodeRecordSchema)).toMatchObject({
      status: 'working',
      metric: 7,
      completion: 1,
      decidedAfter: 1,
      title: 'Plan of node 2',
      elapsedSeconds: 1.5,
    });
    expect(await readlink(path.join(root, 'run', 'best'))).toBe('bests/2');
    expect((await store.read('run/best/solution.py'))?.toString()).toBe('print(2)\n');
    expect((await store.read('run/best/submission.csv'))?.toString()).toContain('1,2');
    await publish(3, null, 2, { id: 2, metric: 7 });
    await publish(1, 5, 3, { id: 1, metric: 5 });
    expect(await readlink(path.join(root, 'run', 'best'))).toBe('bests/1');
    expect(await journalIds()).toEqual([2, 3, 1]);
    expect(removed).toEqual([2, 3, 1]);
  });

  it('changes nothing when it is done again, not even when it was interrupted half-way', async () => {
    await publish(1, 5, 1, { id: 1, metric: 5 });
    await publish(1, 5, 1, { id: 1, metric: 5 });
    expect(await journalIds()).toEqual([1]);
    await publish(2, 4, 2, { id: 2, metric: 4 });
    await store.write('run/journal.jsonl', '');
    await store.remove('run/bests/2');
    await publish(2, 4, 2, { id: 2, metric: 4 });
    expect(await journalIds()).toEqual([1, 2]);
    expect((await store.read('run/best/solution.py'))?.toString()).toBe('print(2)\n');
  });

  it('records the doubts that its checks and the search have, each kind once', async () => {
    found.push({ kind: 'fit_before_split', message: 'line 3' });
    const marks: Mark[] = [
      { kind: 'fit_before_split', message: 'said otherwise' },
      { kind: 'too_good', message: 'far above all others' },
    ];
    await publish(1, 5, 1, { id: 1, metric: 5 }, marks);
    await publish(1, 5, 1, { id: 1, metric: 5 }, marks);

    expect((await readJson(store, 'run/nodes/1/node.json', nodeRecordSchema))?.marks).toEqual([found[0], marks[1]]);
  });

  it('has no doubts looked for where there is no score to doubt', async () => {
    await publish(1, null, 1, null);

    expect(checked).toEqual([]);
  });

  it('records what the grade worker made of it', async () => {
    await writeJson(store, 'run/nodes/2/grade.json', {
      outputHash: 'x',
      status: 'ok',
      reason: null,
      message: '',
      metric: 7,
      standardError: 0.25,
    });
    const execution = await readJson(store, 'run/nodes/2/execution.json', executionFileSchema);
    await writeJson(store, 'run/nodes/2/execution.json', { ...execution, metric: 6.5 });
    await publish(2, 7, 1, { id: 2, metric: 7 });

    expect(await readJson(store, 'run/nodes/2/node.json', nodeRecordSchema)).toMatchObject({
      metric: 7,
      reportedMetric: 6.5,
      standardError: 0.25,
      isolation: 'process',
    });
  });

  it('keeps what the reviewer learnt, and what he used beside the whole', async () => {
    const lesson = { idea: 'A forest.', change: 'More trees.', result: 'rmse 7', lesson: 'Trees help.' };
    const review = await readJson(store, 'run/nodes/2/review.json', reviewFileSchema);
    expect(review).toBeNull();
    const usage = { ...NO_USAGE, calls: 1, promptTokens: 300, costUsd: 0.25 };
    const codeHash = contentHash('print(2)\n');
    await writeJson(store, 'run/nodes/2/review.json', { codeHash, verdict: 'sound', summary: 'Good.', lesson, usage });
    await publish(2, 7, 1, { id: 2, metric: 7 });

    const record = await readJson(store, 'run/nodes/2/node.json', nodeRecordSchema);
    expect(record).toMatchObject({ summary: 'Good.', lesson, reviewUsage: usage });
    expect(record?.usage).toMatchObject({ calls: 3, promptTokens: 1300, costUsd: 0.25 });
  });

  it('has the facts for a summary where no reviewer was asked', async () => {
    await publish(2, 7.25, 1, { id: 2, metric: 7.25 });
    expect(await readJson(store, 'run/nodes/2/node.json', nodeRecordSchema)).toMatchObject({
      summary: "rmse 7.25; not reviewed, the run's cap was reached.",
      lesson: null,
      reviewUsage: NO_USAGE,
    });
  });

  it('tells why the model refused', async () => {
    const message = 'the model refused to answer: no diamonds';
    await writeJson(store, 'run/nodes/2/proposal.json', {
      status: 'failed',
      reason: 'model_refused',
      message,
      usage: NO_USAGE,
    });
    await store.remove('run/nodes/2/execution.json');
    await publish(2, null, 1, null, [], 'model_refused');
    expect(await readJson(store, 'run/nodes/2/node.json', nodeRecordSchema)).toMatchObject({
      reason: 'model_refused',
      message,
      summary: message,
    });
  });

  it('makes the journal anew after a node was superseded', async () => {
    await publish(1, 5, 1, { id: 1, metric: 5 });
    await publish(2, 4, 2, { id: 2, metric: 4 });
    await store.move('run/nodes/2', 'run/superseded/2-1');
    await store.remove('run/journal.jsonl');
    await publish(3, 3, 2, { id: 3, metric: 3 });
    expect(await journalIds()).toEqual([1, 3]);
  });
});
