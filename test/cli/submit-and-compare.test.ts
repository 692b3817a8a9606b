import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareRuns } from '../../src/cli/commands/compare';
import { submitRun } from '../../src/cli/commands/submit';
import { compareJsonSchema } from '../../src/cli/compare-json';
import { submitJsonSchema } from '../../src/cli/submit-json';
import type { EvaluationFile } from '../../src/domain/evaluation';
import type { SelectionFile } from '../../src/domain/selection';
import type { Task } from '../../src/domain/task';
import { PLAIN_TASK } from '../../src/domain/task';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import type { FixtureNode, FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { captureContext } from './command-harness';

let root: string;
let data: string;
let store: ArtifactStore;
let out: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-submit-test-'));
  data = path.join(root, 'input');
  out = path.join(root, 'mine.csv');
  await mkdir(data);
  await writeFile(path.join(data, 'sample_submission.csv'), 'id,price\n11,0\n12,0\n13,0\n');
  await writeFile(path.join(data, 'test.csv'), 'id,carat\n11,1\n12,2\n13,3\n');
  store = createDirectoryStore(path.join(root, 'runs'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const capture = () => captureContext({ COPPICE_STORE: path.join(root, 'runs'), COPPICE_HOME: path.join(root, 'home') });

function task(changes: Partial<Task> = {}): Task {
  return {
    ...PLAIN_TASK,
    name: 'diamonds',
    goal: 'Predict the price.',
    dataDirectory: data,
    metric: 'rmse',
    direction: 'minimize',
    target: 'price',
    id: 'id',
    train: 'train.csv',
    test: 'test.csv',
    sample: 'sample_submission.csv',
    ...changes,
  };
}

const NODES: readonly FixtureNode[] = [
  { id: 1, metric: 5 },
  { id: 2, metric: 3 },
  { id: 3, reason: 'timeout' },
  { id: 4, parent: 1, metric: 4 },
  { id: 5 },
];

const SELECTION: SelectionFile = {
  winner: 1,
  searchScore: 5,
  selectionScore: 5.5,
  gap: 0.5,
  candidates: [{ id: 1, searchScore: 5, selectionScore: 5.5, standardError: null, marks: [] }],
  refit: { status: 'ok', message: '' },
  recordedNodes: 4,
  selectedAt: '2026-01-02T03:04:05Z',
  used: [],
};

async function write(fixture: Partial<FixtureRun> = {}, submission = 'id,price\n12,1\n11,2\n13,3\n'): Promise<void> {
  await writeRun(store, { runId: 'r', nodes: NODES, run: { task: task() }, state: { state: 'finished' }, ...fixture });
  for (const id of [1, 2, 4]) await store.write(runKeys('r').node(id).submission, submission);
}

const submit = (node?: string, flags: { force?: boolean } = {}) => {
  const captured = capture();
  const written = submitRun(captured.context, 'r', node, { out, force: flags.force ?? false, json: true });
  return { ...captured, written };
};

describe('submit', () => {
  it("writes the answer's predictions and says what they are", async () => {
    await write();
    const submitted = submit();
    expect(await submitted.written).toBe(0);
    expect(submitJsonSchema.parse(submitted.takeJson())).toEqual({
      runId: 'r',
      node: 2,
      metric: 3,
      selectionScore: null,
      onAllData: false,
      file: out,
      rows: 3,
      columns: ['id', 'price'],
      checkedBy: 'sample',
    });
    expect(await readFile(out, 'utf8')).toBe('id,price\n12,1\n11,2\n13,3\n');
    expect(submitted.noted.join('\n')).not.toContain('not over');
    expect(await readdir(root)).toEqual(['input', 'mine.csv', 'runs']);
  });

  it("takes the winner's run on all the data, but for another node its own", async () => {
    await write({ selection: SELECTION });
    await store.write(runKeys('r').node(1).variant('refit').submission, 'id,price\n11,9\n12,9\n13,9\n');
    const winner = submit();
    await winner.written;
    expect(winner.takeJson()).toMatchObject({ node: 1, onAllData: true, selectionScore: 5.5 });
    expect(await readFile(out, 'utf8')).toContain('11,9');
    const other = submit('2', { force: true });
    await other.written;
    expect(other.takeJson()).toMatchObject({ node: 2, onAllData: false });
    expect(await readFile(out, 'utf8')).toContain('12,1');
  });

  it('leaves the run on all the data aside when it failed, and says so in words', async () => {
    await write({ selection: { ...SELECTION, refit: { status: 'failed', message: 'no' } } });
    const { context, printed, noted } = capture();
    await submitRun(context, 'r', undefined, { out, force: false, json: false });
    expect(printed.join('\n')).toMatch(
      /^wrote .*mine\.csv\n3 rows; columns id, price\nnode 1: rmse 5, 5\.5 in the final selection\nas the search scored it/,
    );
    expect(printed.at(-1)).toMatch(/^checked against the sample submission/);
    expect(noted.join('\n')).toContain('coppice note r 1 --score public=');
  });

  it('never replaces a file unless it is told to', async () => {
    await write();
    await writeFile(out, 'precious');
    await expect(submit().written).rejects.toThrow(/mine\.csv is there already; --force replaces it/);
    expect(await readFile(out, 'utf8')).toBe('precious');
    await submit(undefined, { force: true }).written;
    expect(await readFile(out, 'utf8')).toContain('12,1');
  });

  it.each<[string, Partial<FixtureRun>, RegExp]>([
    ['3', {}, /node 3 .* failed \(timeout\)/],
    ['5', {}, /node 5 .* ended with the run, not recorded/],
    ['4', { state: { pruned: [1] } }, /node 4 .* is pruned, or descends from one/],
    ['99', {}, /no node "99"/],
  ])('refuses node %s %j', async (node, fixture, message) => {
    await write(fixture);
    await expect(submit(node).written).rejects.toThrow(message);
    await expect(submit(node).written).rejects.toMatchObject({ exitCode: 2 });
  });

  it.each([
    ['rows of others', 'id,price\n11,1\n12,2\n13,3\n77,4\n', /1 ids are not in the sample \(such as "77"\)/],
    ['a row too few', 'id,price\n11,1\n12,2\n', /1 ids of the sample are missing/],
    ['a value missing', 'id,price\n11,1\n12,\n13,3\n', /1 values are missing/],
    ['other columns', 'id,cost\n11,1\n12,2\n13,3\n', /its columns are/],
    ['no rows', 'id,price\n', /it has no rows/],
  ])('refuses a submission with %s and writes nothing', async (_name, content, message) => {
    await write({}, content);
    await expect(submit().written).rejects.toThrow(message);
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('holds it against the ids of the rows to predict where there is no sample, so withheld rows stand out', async () => {
    await write({ run: { task: task({ sample: null }) } });
    const submitted = submit();
    await submitted.written;
    expect(submitted.takeJson()).toMatchObject({ checkedBy: 'ids', rows: 3 });
    await write({ run: { task: task({ sample: null }) } }, 'id,price\n11,1\n11,1\n12,2\n9001,3\n');
    await expect(submit(undefined, { force: true }).written).rejects.toThrow(
      '1 ids are not in test.csv (such as "9001"); 1 ids come more than once (such as "11"); ' +
        '1 ids of test.csv are missing (such as "13")',
    );
  });

  it('says that nothing could be checked where the data are not', async () => {
    await write({ run: { task: task({ dataDirectory: path.join(root, 'elsewhere') }) } });
    const submitted = submit();
    await submitted.written;
    expect(submitted.takeJson()).toMatchObject({ checkedBy: 'none' });
  });

  it('refuses a run without a working script, and a node without a submission', async () => {
    await writeRun(store, { runId: 'r', nodes: [{ id: 1, reason: 'exception' }], run: { task: task() } });
    await expect(submit().written).rejects.toThrow(/nothing to submit/);
    await writeRun(store, { runId: 'r', nodes: [{ id: 1, metric: 2 }], run: { task: task() } });
    await expect(submit().written).rejects.toThrow(/made no submission/);
  });
});

const HOLDOUT: EvaluationFile = {
  kind: 'holdout',
  why: 'because',
  split: {
    method: 'random',
    trainRows: 10,
    searchRows: 5,
    selectionRows: 5,
    testRows: 3,
    dataHash: 'a',
    made: [],
  },
};

const compared = async (runs: readonly string[]) => {
  const captured = capture();
  expect(await compareRuns(captured.context, runs, { json: true })).toBe(0);
  return compareJsonSchema.parse(captured.takeJson());
};

describe('compare', () => {
  const a: FixtureRun = {
    runId: 'a',
    nodes: [
      { id: 1, metric: 9 },
      { id: 2, metric: 6 },
      { id: 3, parent: 2, metric: 2 },
    ],
    evaluation: HOLDOUT,
  };
  const b: FixtureRun = {
    runId: 'b',
    nodes: [
      { id: 1, reason: 'timeout' },
      { id: 2, metric: 8 },
      { id: 3, metric: 7 },
      { id: 4, metric: 5 },
      { id: 5, metric: 7 },
    ],
    evaluation: HOLDOUT,
  };

  it('shows the best scores at equal nodes and equal working time, as far as each run came', async () => {
    await writeRun(store, a);
    await writeRun(store, b);
    await writeJson(store, runKeys('a').node(3).notes, {
      format: 1,
      scores: { public: 2.5 },
      text: '',
      updatedAt: '2026-01-02T03:04:05Z',
    });
    const comparison = await compared(['a', 'b']);
    expect(comparison.runs).toMatchObject([
      { runId: 'a', nodes: 3, seconds: 15, best: { id: 3, metric: 2, notes: { public: 2.5 } }, evaluation: 'holdout' },
      { runId: 'b', nodes: 5, seconds: 25, best: { id: 4, metric: 5, notes: {} } },
    ]);
    const rows = (points: typeof comparison.equalNodes) =>
      points.map(({ at, runs }) => [at, ...runs.map(({ score, reached }) => (reached ? score : 'short'))]);
    expect(rows(comparison.equalNodes)).toEqual([
      [1, 9, null],
      [2, 6, 8],
      [3, 2, 7],
      [5, 'short', 5],
    ]);
    expect(rows(comparison.equalSeconds)).toEqual(
      expect.arrayContaining([
        [5, 9, null],
        [10, 6, 8],
        [15, 2, 7],
        [20, 'short', 5],
      ]),
    );
    expect(comparison.equalCostUsd).toBeNull();
    expect(comparison.doubts).toEqual([]);
  });

  it('leaves the scores of pruned nodes out', async () => {
    await writeRun(store, { ...a, state: { pruned: [2] } });
    await writeRun(store, b);
    const { equalNodes } = await compared(['a', 'b']);
    expect(equalNodes.at(-2)).toMatchObject({ at: 3, runs: [{ score: 9 }, { score: 7 }] });
  });

  it('prints tables whose leader is marked', async () => {
    await writeRun(store, a);
    await writeRun(store, b);
    const { context, printed } = capture();
    await compareRuns(context, ['a', 'b'], { json: false });
    const text = printed.join('\n');
    expect(text).toMatch(/^3 +2 \* +7$/m);
    // Where only one of them has come so far, there is nobody to lead.
    expect(text).toMatch(/^5 +– +5$/m);
    expect(text).toContain('best rmse at equal nodes (less is better; * leads)');
  });

  it('names what makes the scores doubtful', async () => {
    await writeRun(store, { ...a, run: { task: task() } });
    await writeRun(store, {
      ...b,
      run: { task: task({ goal: 'Another.', dataDirectory: '/elsewhere' }) },
      evaluation: { kind: 'reported', why: 'x', split: null },
    });
    expect((await compared(['a', 'b'])).doubts).toEqual([
      'a and b work on different data',
      'a and b have different goals',
      'a and b are scored in different ways (holdout, reported)',
    ]);
  });

  it.each([
    [['a'], /at least two/],
    [['a', 'a'], /at least two/],
    [['a', 'c'], /measures rmse \(minimize\), run "c" accuracy \(maximize\)/],
    [['a', 'nowhere'], /there is no run "nowhere"/],
  ])('refuses %j', async (runs, message) => {
    await writeRun(store, a);
    await writeRun(store, { ...b, runId: 'c', run: { task: task({ metric: 'accuracy', direction: 'maximize' }) } });
    const { context } = capture();
    await expect(compareRuns(context, runs, { json: true })).rejects.toThrow(message);
  });
});

test.each([
  ['coppice submit RUN', submitJsonSchema],
  ['coppice compare RUN', compareJsonSchema],
])('the example of %s in the documentation has the shape that is printed', async (command, schema) => {
  const page = await readFile(path.join(__dirname, '..', '..', 'docs', 'json-output.md'), 'utf8');
  const section = page.slice(page.indexOf(`## \`${command}`));
  const example: unknown = JSON.parse(/```json\n(.*?)```/s.exec(section)?.[1] ?? '');
  expect(schema.parse(example)).toEqual(example);
});
