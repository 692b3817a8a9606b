import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishBest } from '../../src/activities/best-link';
import { createReport } from '../../src/activities/report';
import { stateFileSchema } from '../../src/domain/run-files';
import { selectionFileSchema } from '../../src/domain/selection';
import type { SelectionOutcome } from '../../src/domain/selection';
import type { ExecuteResult, ReportResult } from '../../src/domain/steps';
import { NO_USAGE } from '../../src/domain/usage';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';
import { writeCall } from '../helpers/stored-calls';

const keys = runKeys('run');
const WINNER: SelectionOutcome = { winner: 1, searchScore: 6, selectionScore: 6.5, gap: 0.5 };

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-report-step-'));
  store = createDirectoryStore(root);
  await writeRun(store, {
    runId: 'run',
    nodes: [
      { id: 1, metric: 6 },
      { id: 2, metric: 5 },
    ],
  });
  for (const id of [1, 2]) await store.write(keys.node(id).submission, `id,price\n1,${id}\n`);
  await publishBest(store, 'run', 2);
});

afterEach(() => rm(root, { recursive: true }));

function report(selection: SelectionOutcome | null, refit: ExecuteResult | null = null): Promise<ReportResult> {
  const step = createReport({ store, clearHost: async () => undefined });
  return step({
    runId: 'run',
    refit,
    stopReason: 'steps',
    snapshot: {
      stepsTotal: 20,
      extendedSteps: 0,
      extendedMs: 0,
      extendedTokens: 0,
      extendedCostUsd: 0.5,
      extendedDiskBytes: 0,
      working: 2,
      failed: 0,
      inFlight: 0,
      best: { id: 2, metric: 5 },
      selection,
      usage: NO_USAGE,
      elapsedMs: 1500,
      wentOnAfter: 0,
      pruned: [],
    },
  });
}

async function select(): Promise<void> {
  const file = { ...WINNER, candidates: [], refit: null, recordedNodes: 2, selectedAt: '2026-01-02', used: [] };
  await writeJson(store, keys.selection, file);
}

const answer = async (): Promise<string | undefined> => (await store.read(`${keys.best}/submission.csv`))?.toString();
const refitOf = async (): Promise<unknown> => (await readJson(store, keys.selection, selectionFileSchema))?.refit;

describe('the end of a run', () => {
  it('leaves the best by search score where there was no final selection', async () => {
    expect((await report(null)).artifacts).toEqual([keys.report, keys.tree, keys.best]);
    expect(await readlink(path.join(root, keys.best))).toBe('bests/2');
  });

  it('counts what the calls used from their own files, also of nodes that were never recorded', async () => {
    const usage = { ...NO_USAGE, calls: 1, promptTokens: 70, completionTokens: 7, costUsd: 0.25 };
    await writeCall(store, keys.node(2).call('draft', 1), { purpose: 'draft', sendings: [{ usage }] });
    await writeCall(store, keys.node(3).call('improve', 1), { purpose: 'improve', sendings: [{ usage }] });
    const total = { ...usage, calls: 2, promptTokens: 140, completionTokens: 14, costUsd: 0.5 };

    expect((await report(null)).usage).toEqual(total);
    expect(await readJson(store, keys.state, stateFileSchema)).toMatchObject({ usage: total, extendedCostUsd: 0.5 });
  });

  it('makes the winner of the final selection the answer', async () => {
    await select();
    await report(WINNER);

    expect(await readlink(path.join(root, keys.best))).toBe('bests/1');
    expect(await readJson(store, keys.state, stateFileSchema)).toMatchObject({ state: 'finished', selection: WINNER });
    expect(String(await store.read(keys.report))).toContain('node 1');
  });

  it("gives the submission of the winner's run on all the data", async () => {
    await select();
    await store.write(keys.node(1).variant('refit').submission, 'id,price\n1,99\n');
    const refit: ExecuteResult = { status: 'ok', metric: null, seconds: 1 };
    await report(WINNER, refit);
    await report(WINNER, refit);

    expect(await answer()).toContain('1,99');
    expect(String(await store.read(keys.node(1).submission))).toContain('1,1');
    expect(await refitOf()).toEqual({ status: 'ok', message: '' });
  });

  it.each<[string, ExecuteResult, string]>([
    ['that failed', { status: 'failed', reason: 'timeout' }, 'timeout'],
    ['whose host was lost', { status: 'gone' }, 'its host was lost'],
    ['without a submission', { status: 'ok', metric: 1, seconds: 1 }, 'it made no submission'],
  ])('stays with the answer there is after a run on all the data %s', async (_how, refit, message) => {
    await select();
    await report(WINNER, refit);

    expect(await answer()).toContain('1,1');
    expect(await refitOf()).toEqual({ status: 'failed', message });
  });
});
