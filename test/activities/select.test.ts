import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ScoreSelection } from '../../src/activities/select';
import { createSelect } from '../../src/activities/select';
import { executionFileSchema, nodeRecordSchema } from '../../src/domain/node-record';
import type { StateFile } from '../../src/domain/run-files';
import { stateFileSchema } from '../../src/domain/run-files';
import { selectionFileSchema } from '../../src/domain/selection';
import type { SelectionFile } from '../../src/domain/selection';
import type { SelectInput, SelectResult } from '../../src/domain/steps';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';

const keys = runKeys('run');
const CANDIDATES = [
  { id: 2, metric: 5, marks: [] },
  { id: 1, metric: 6, marks: [] },
];

let root: string;
let store: ArtifactStore;
let asked: (readonly number[])[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-select-'));
  store = createDirectoryStore(root);
  asked = [];
  await writeRun(store, {
    runId: 'run',
    nodes: [
      { id: 1, metric: 6 },
      { id: 2, metric: 5 },
      { id: 3, reason: 'timeout' },
    ],
  });
});

afterEach(() => rm(root, { recursive: true }));

function select(
  input: Partial<SelectInput> = {},
  scores: readonly (readonly [number, number])[] = [
    [1, 6.5],
    [2, 7],
  ],
): Promise<SelectResult> {
  const scoreSelection: ScoreSelection = async (_run, nodeIds) => {
    asked.push(nodeIds);
    return new Map(scores.map(([id, score]) => [id, { score, standardError: 0.125 }]));
  };
  const step = createSelect({ store, scoreSelection });
  const signal = new AbortController().signal;
  return step({ runId: 'run', evaluation: 'holdout', candidates: CANDIDATES, reruns: 0, ...input }, signal);
}

async function selection(): Promise<SelectionFile> {
  const file = await readJson(store, keys.selection, selectionFileSchema);
  if (file === null) throw new Error('there is no selection.json');
  return file;
}

async function recordMore(): Promise<void> {
  const state = await readJson(store, keys.state, stateFileSchema);
  const nodes: StateFile['nodes'] = { working: 3, failed: 1, inFlight: 0 };
  await writeJson(store, keys.state, { ...state, nodes });
}

describe('the final selection of a holdout run', () => {
  it('compares by the rows kept back and writes down what it compared', async () => {
    const outcome = await select();

    expect(outcome).toEqual({ winner: 1, searchScore: 6, selectionScore: 6.5, gap: 0.5 });
    expect(await selection()).toMatchObject({
      ...outcome,
      candidates: [
        { id: 2, searchScore: 5, selectionScore: 7, standardError: 0.125, marks: [] },
        { id: 1, searchScore: 6, selectionScore: 6.5, standardError: 0.125, marks: [] },
      ],
      refit: null,
      used: [],
    });
    expect(asked).toEqual([[2, 1]]);
  });

  it('has stored and passed marks count against a candidate, each kind once', async () => {
    const record = await readJson(store, keys.node(1).record, nodeRecordSchema);
    const stored = { kind: 'constant_predictions' as const, message: 'all are 3' };
    await writeJson(store, keys.node(1).record, { ...record, marks: [stored] });
    const passed = { kind: 'too_good' as const, message: 'far above' };
    const again = { kind: 'constant_predictions' as const, message: 'said again' };
    const candidates = [
      { id: 2, metric: 5, marks: [] },
      { id: 1, metric: 6, marks: [passed, again] },
    ];
    // Better by less than two standard errors.
    const outcome = await select({ candidates }, [
      [1, 6.9],
      [2, 7],
    ]);

    expect(outcome.winner).toBe(2);
    expect((await selection()).candidates[1]?.marks).toEqual([stored, passed]);
  });

  it('leaves a candidate without a score aside', async () => {
    expect(await select({}, [[2, 9]])).toMatchObject({ winner: 2, selectionScore: 9 });
    expect((await selection()).candidates[1]).toMatchObject({ id: 1, selectionScore: null, standardError: null });
  });

  it('changes nothing when it is done again', async () => {
    const first = await select();
    const file = await store.read(keys.selection);

    expect(await select({}, [[2, 1]])).toEqual(first);
    expect(await store.read(keys.selection)).toEqual(file);
    expect(asked).toHaveLength(1);
  });

  it('marks an earlier selection as used once more nodes are recorded', async () => {
    await select();
    await recordMore();
    const second = await select({ candidates: [...CANDIDATES, { id: 4, metric: 7, marks: [] }] }, [
      [1, 6.5],
      [4, 6],
    ]);

    expect(second.winner).toBe(4);
    expect((await selection()).used).toMatchObject([{ winner: 1, selectionScore: 6.5, gap: 0.5 }]);
    await select({ candidates: [...CANDIDATES, { id: 4, metric: 7, marks: [] }] });
    expect((await selection()).used).toHaveLength(1);
  });

  it('is another selection after more nodes, also when the same nodes are the best', async () => {
    await select();
    await recordMore();
    await select();
    await recordMore();

    expect((await selection()).used).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });
});

describe('the final selection of a reported run', () => {
  async function rerun(id: number, seed: number, metric: number | null): Promise<void> {
    const execution = await readJson(store, keys.node(id).execution, executionFileSchema);
    const outcome = metric === null ? { status: 'failed', reason: 'timeout', metric: null } : { metric };
    await writeJson(store, keys.node(id).variant(`seed-${seed}`).execution, { ...execution, ...outcome });
  }

  it('compares the means of the runs with other seeds', async () => {
    await rerun(1, 1, 6);
    await rerun(1, 2, 7);
    await rerun(2, 1, 9);
    await rerun(2, 2, 10);
    const outcome = await select({ evaluation: 'reported', reruns: 2 });

    expect(outcome).toEqual({ winner: 1, searchScore: 6, selectionScore: 6.5, gap: 0.5 });
    expect((await selection()).candidates[0]).toMatchObject({ id: 2, selectionScore: 9.5 });
    expect(asked).toEqual([]);
  });

  it('goes by the runs that worked, and leaves a script aside that only ever worked once', async () => {
    await rerun(1, 1, 8);
    await rerun(1, 2, null);
    await rerun(2, 1, null);

    expect(await select({ evaluation: 'reported', reruns: 2 })).toMatchObject({ winner: 1, selectionScore: 8 });
  });

  it('keeps to the search scores when no run with another seed worked', async () => {
    expect(await select({ evaluation: 'reported', reruns: 2 })).toEqual({
      winner: 2,
      searchScore: 5,
      selectionScore: null,
      gap: null,
    });
  });
});
