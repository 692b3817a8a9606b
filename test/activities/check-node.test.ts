import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CheckedNode } from '../../src/activities/check-node';
import { checkNode } from '../../src/activities/check-node';
import type { MarkKind } from '../../src/domain/marks';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { runKeys } from '../../src/store/run-keys';
import type { FixtureNode, FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { HOLDOUT } from '../report/graded-run';
import { realPython } from '../sandbox/real-python';

const keys = runKeys('run');
const python = realPython();
const FITS = 'import pandas as pd\nfrom sklearn.linear_model import Ridge\ntrain = pd.read_csv("input/train.csv")\n';
const LEAKS = `${FITS}Ridge().fit(train, train["price"])\n`;
const SOUND = `${FITS}Ridge().fit(train[["carat"]], train["price"])\n`;

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-check-node-'));
  store = createDirectoryStore(path.join(root, 'runs'));
});

afterEach(() => rm(root, { recursive: true }));

async function writeInput(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const rows = Array.from({ length: 30 }, (_, row) => row);
  await writeFile(
    path.join(directory, 'sample_submission.csv'),
    `id,price\n${rows.map((row) => `${row},0`).join('\n')}\n`,
  );
  await writeFile(path.join(directory, 'test.csv'), `id,carat\n${rows.map((row) => `${row},${row * 3}`).join('\n')}\n`);
}

const predictions = (price: (row: number) => number): string =>
  `id,price\n${Array.from({ length: 30 }, (_, row) => `${row},${price(row)}`).join('\n')}\n`;

async function kinds(
  node: FixtureNode,
  { more = [], ...run }: Partial<FixtureRun> & { readonly more?: readonly FixtureNode[] } = {},
  pythonPath = python,
): Promise<MarkKind[]> {
  await writeRun(store, { runId: 'run', nodes: [...more, node], ...run });
  const asked: CheckedNode = {
    runId: 'run',
    nodeId: node.id,
    operator: node.operator ?? 'draft',
    parent: node.parent ?? null,
  };
  return (await checkNode({ store, pythonPath }, asked)).map(({ kind }) => kind);
}

/** The fixture's run is of /tasks/diamonds; this one's data lie below the test's root. */
async function withData(): Promise<Partial<FixtureRun>> {
  const dataDirectory = path.join(root, 'input');
  await writeInput(dataDirectory);
  await writeRun(store, { runId: 'made' });
  const run = JSON.parse(String(await store.read(runKeys('made').run))) as { task: FixtureTask };
  return { run: { task: { ...run.task, dataDirectory } } };
}
type FixtureTask = NonNullable<NonNullable<FixtureRun['run']>['task']>;

describe('the doubts about a node', () => {
  it('come from its script', async () => {
    expect(await kinds({ id: 1, metric: 1, code: LEAKS })).toEqual(['target_as_feature']);
    expect(await kinds({ id: 1, metric: 1, code: SOUND })).toEqual([]);
  });

  it('come from its submission where scripts score themselves', async () => {
    const run = await withData();
    await store.write(
      keys.node(1).submission,
      predictions(() => 7),
    );
    expect(await kinds({ id: 1, metric: 1 }, run)).toEqual(['constant_predictions']);

    await store.write(
      keys.node(1).submission,
      predictions((row) => row % 5),
    );
    expect(await kinds({ id: 1, metric: 1 }, run)).toEqual([]);
  });

  it('come from its predictions and the data that scripts see where rows are withheld', async () => {
    await writeInput(path.join(root, 'runs', keys.data));
    await store.write(
      keys.node(1).submission,
      predictions((row) => row % 5),
    );
    await store.write(
      keys.node(1).predictions,
      predictions((row) => row * 3),
    );

    expect(await kinds({ id: 1, metric: 1 }, { evaluation: HOLDOUT })).toEqual(['constant_predictions']);
  });

  it('come from what a repair made of its parent', async () => {
    const parent = 'import lightgbm\nlightgbm.LGBMRegressor(wrong=1).fit(X, y)\n';
    const output = 'Traceback (most recent call last):\n  File "/x/solution.py", line 2, in <module>\nTypeError: no\n';
    const repair: FixtureNode = { id: 2, parent: 1, operator: 'debug', metric: 1, code: SOUND };
    const failed = (reason: NonNullable<FixtureNode['reason']>): FixtureNode => ({
      id: 1,
      reason,
      code: parent,
      output,
    });

    expect(await kinds(repair, { more: [failed('exception')] })).toEqual(['swapped_model']);
    expect(await kinds(repair, { more: [failed('timeout')] })).toEqual([]);
    expect(await kinds(repair, { more: [failed('out_of_memory')] })).toEqual([]);
  });

  it('are none where nothing can be looked at', async () => {
    expect(await kinds({ id: 1, metric: 1, code: LEAKS }, {}, '/nowhere/python')).toEqual([]);
    expect(await kinds({ id: 1, metric: 1, code: 'no Python at all\n' })).toEqual([]);
  });

  it('leave no files behind', async () => {
    const before = process.env['TMPDIR'];
    const temporary = path.join(root, 'temporary');
    await mkdir(temporary);
    const run = await withData();
    await store.write(
      keys.node(1).submission,
      predictions(() => 7),
    );
    process.env['TMPDIR'] = temporary;
    try {
      expect(await kinds({ id: 1, metric: 1 }, run)).toEqual(['constant_predictions']);
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
