import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evaluationFileSchema } from '../../src/domain/evaluation';
import { scoreSelection } from '../../src/grading/grade-holdout';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { count, csv, GradingFixture, RUN, rowsOf } from './grading-fixture';
import type { Row } from './grading-fixture';

const keys = runKeys(RUN);
const signal = new AbortController().signal;

let fixture: GradingFixture;

beforeEach(async () => {
  fixture = await GradingFixture.make();
});

afterEach(() => fixture.remove());

function tables(label: (row: number) => string, sample: Row = { y: '0' }, rows = 400): Record<string, string> {
  const train = count(rows).map((row) => ({ id: `${row}`, x: `${row % 17}`, y: label(row) }));
  const real = count(50).map((row) => ({ id: `${rows + row}`, x: `${row % 17}` }));
  return {
    'train.csv': csv(train),
    'test.csv': csv(real),
    'sample_submission.csv': csv(real.map(({ id }) => ({ id, ...sample }))),
  };
}

const BY_NAME = { spec: { evaluation: 'holdout' as const } };
const NUMBER = (row: number): string => `${row * 1.5 + 100_000}`;

/** The public sample with predictions of its rows. */
async function predict(cells: (id: string, label: string | null) => Row): Promise<string> {
  const labels = new Map((await fixture.answers()).map(({ id, y }) => [id, y ?? '']));
  const rows = await fixture.publicRows('sample_submission.csv');
  return csv(rows.map(({ id = '' }) => ({ id, ...cells(id, labels.get(id) ?? null) })));
}

describe('a node of a run with hidden rows', () => {
  test('gets its score from the rows that steer, an error by draws, and a submission of the real rows alone', async () => {
    const files = tables(NUMBER);
    await fixture.open(files, { metric: 'rmse' }, BY_NAME);
    await fixture.split();
    // Off by 3 on the rows that steer, by 40 on those that select.
    const parts = new Map((await fixture.answers()).map((answer) => [answer['id'], answer['part']]));
    const predictions = await predict((id, label) => ({
      y: label === null ? `${Number(id)}.50` : `${Number(label) + (parts.get(id) === 'search' ? 3 : 40)}`,
    }));
    // Any order will do; the submission has the sample's.
    const [header = '', ...lines] = predictions.trimEnd().split('\n');
    const turned = `${[header, ...lines.toReversed()].join('\n')}\n`;
    expect(await fixture.grade(turned)).toEqual({ status: 'ok', metric: 3 });
    expect(await fixture.gradeFile()).toMatchObject({ status: 'ok', metric: 3, standardError: 0 });
    const asked = rowsOf(files['sample_submission.csv'] ?? '').map(({ id }) => id ?? '');
    expect(await fixture.submission()).toBe(`id,y\n${asked.map((id) => `${id},${id}.50\n`).join('')}`);

    const scores = await scoreSelection(fixture.worker, await fixture.run(), [1], signal);
    expect(scores).toEqual(new Map([[1, { score: 40, standardError: 0 }]]));
    const stored = await everythingStored();
    expect(stored).not.toMatch(/\b40\b/);
  });

  test('has its submission in the order of the own sample, also where that names only some rows of the table', async () => {
    const files = tables(NUMBER);
    const some = ['449', '410', '430'];
    const sample = csv(some.map((id) => ({ id, y: '0' })));
    await fixture.open(
      { ...files, 'sample_submission.csv': sample },
      { metric: 'brier-like', direction: 'minimize', scorer: 's.py' },
      {
        brought: { 's.py': 'def score(truth, predictions):\n    return len(truth)\n' },
      },
    );
    await fixture.split();
    expect(await fixture.grade(await predict((id) => ({ y: id })))).toEqual({ status: 'ok', metric: 50 });
    expect(await fixture.submission()).toBe(`id,y\n${some.map((id) => `${id},${id}\n`).join('')}`);
  });

  test('is graded once for one output, and again for another', async () => {
    await fixture.open(tables(NUMBER), { metric: 'mae' }, BY_NAME);
    await fixture.split();
    const first = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 2}` }));
    expect(await fixture.grade(first)).toEqual({ status: 'ok', metric: 2 });
    // Were it graded again, this worker would fail.
    expect(await fixture.grade(first, { pythonPath: '/nowhere/python' })).toEqual({ status: 'ok', metric: 2 });
    const second = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 5}` }));
    expect(await fixture.grade(second)).toEqual({ status: 'ok', metric: 5 });
  });

  test('has a standard error that tells how far the score varies', async () => {
    await fixture.open(tables(NUMBER, { y: '0' }, 2000), { metric: 'mae' });
    await fixture.split();
    // Errors of 0 and 2 by turns, with standard deviation 1 over 250 rows.
    await fixture.grade(
      await predict((id, label) => ({ y: label === null ? '1' : `${Number(label) + 2 * (Number(id) % 2)}` })),
    );
    const error = (await fixture.gradeFile())?.standardError ?? 0;
    expect(error).toBeGreaterThan(0.8 / Math.sqrt(250));
    expect(error).toBeLessThan(1.2 / Math.sqrt(250));
  });
});

describe('predictions that cannot be scored fail the node with the reason, and no label is told', () => {
  test.each([
    ['rmse', NUMBER, 'a lot', '50 values of y are no finite numbers (such as "a lot", "a lot", "a lot")'],
    ['rmse', NUMBER, '1e999', '50 values of y are no finite numbers (such as "1e999", "1e999", "1e999")'],
    ['rmsle', NUMBER, '-1', '50 values of y are below 0, where the metric is not defined (such as "-1", "-1", "-1")'],
    [
      'log_loss',
      (row: number) => `${row % 2}`,
      '1.5',
      '50 values of y are outside of 0 to 1 (such as "1.5", "1.5", "1.5")',
    ],
    [
      'accuracy',
      (row: number) => (row % 2 ? 'yes' : 'no'),
      '1',
      '50 values of y are none of the classes no, yes (such as "1", "1", "1")',
    ],
  ])('%s', async (metric, label, prediction, message) => {
    await fixture.open(tables(label), { metric }, BY_NAME);
    await fixture.split();
    const predictions = await predict(() => ({ y: prediction }));
    expect(await fixture.grade(predictions)).toEqual({ status: 'failed', reason: 'bad_submission' });
    const graded = { status: 'failed', reason: 'bad_submission', message, metric: null, standardError: null };
    expect(await fixture.gradeFile()).toMatchObject(graded);
    expect(await fixture.submission()).toBeNull();
  });
});

describe('classes', () => {
  test('count by what they mean, not by how they are written', async () => {
    await fixture.open(
      tables((row) => `${row % 3}`),
      { metric: 'accuracy' },
      BY_NAME,
    );
    await fixture.split();
    expect(await fixture.grade(await predict((_, label) => ({ y: label === null ? '0' : `${label}.0` })))).toEqual({
      status: 'ok',
      metric: 1,
    });
  });

  test.each([
    ['', 'log_loss'],
    ['Status_', 'roc_auc'],
  ])('may have a column each (%j before the name), in any order', async (beginning, metric) => {
    const classes = ['b', 'a', 'c'];
    const sample = Object.fromEntries(classes.map((name) => [beginning + name, '0.3']));
    const task = { metric, target: 'y' };
    await fixture.open(
      tables((row) => classes[row % 3] ?? '', sample),
      task,
      BY_NAME,
    );
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    const certain = (label: string | null): Row =>
      Object.fromEntries(classes.map((name) => [beginning + name, name === label ? '1' : '0.00001']));
    const result = await fixture.grade(await predict((_, label) => certain(label)));
    expect(result).toMatchObject({ status: 'ok' });
    const score = result.status === 'ok' ? result.metric : NaN;
    expect(Math.abs(score - (metric === 'roc_auc' ? 1 : 0))).toBeLessThan(1e-4);
  });
});

describe("a scorer of the task's own", () => {
  const SCORER = `
import numpy as np

def score(truth, predictions):
    assert list(truth.columns) == ["id", "y"] and list(truth["id"]) == list(predictions["id"])
    if (predictions["y"] < 0).any():
        raise ValueError("no negative numbers, please")
    if (predictions["y"] == 7).any():
        raise KeyError(f"the labels are {list(truth['y'])}")
    if (predictions["y"] == 8).any():
        return float("nan")
    print("noise of a scorer")
    return float(np.abs(truth["y"] - predictions["y"]).max())
`;
  const task = { metric: 'worst miss', direction: 'minimize', scorer: 'scorer.py' } as const;

  test('gets both tables with ids in one order, and may refuse what it is given', async () => {
    await fixture.open(tables(NUMBER), task, { brought: { 'scorer.py': SCORER } });
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    const off = (by: string): Promise<string> => predict((_, label) => ({ y: label === null ? '1' : by }));
    const near = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 4}` }));
    expect(await fixture.grade(near)).toEqual({ status: 'ok', metric: 4 });
    expect(await fixture.grade(await off('-1'))).toEqual({ status: 'failed', reason: 'bad_submission' });
    expect((await fixture.gradeFile())?.message).toBe(
      "the task's scorer refused the predictions: no negative numbers, please",
    );
    expect(await fixture.grade(await off('8'))).toEqual({ status: 'failed', reason: 'bad_metric' });
    expect(await fixture.grade(await off('7'))).toEqual({ status: 'failed', reason: 'evaluation_failed' });
    expect((await fixture.gradeFile())?.message).toBe("the task's scorer failed on these predictions with KeyError");
  });

  test('is taken from the copy that was made at the start', async () => {
    await fixture.open(tables(NUMBER), task, { brought: { 'scorer.py': SCORER } });
    await fixture.split();
    await fixture.data.write('task', { 'scorer.py': 'def score(truth, predictions):\n    return 0.0\n' });
    const near = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 4}` }));
    expect(await fixture.grade(near)).toEqual({ status: 'ok', metric: 4 });
  });

  test.each([
    [
      'def scores(a, b): pass',
      "the task's scorer cannot be loaded: LookupError: it has no function score(truth, predictions)",
    ],
    ['import nowhere', "the task's scorer cannot be loaded: ModuleNotFoundError: No module named 'nowhere'"],
    [
      'def score(a, b): return 1 / 0',
      "its scorer cannot score the sample: the task's scorer failed on these predictions with ZeroDivisionError",
    ],
  ])('that is broken is found before any node is made: %s', async (scorer, why) => {
    await fixture.open(tables(NUMBER), task, { brought: { 'scorer.py': scorer } });
    await expect(fixture.split()).rejects.toMatchObject({
      type: 'InvalidTask',
      message: `Evaluation by hidden rows is asked for, but ${why}; change the task, or ask for "reported".`,
    });
  });
});

describe('another grade worker', () => {
  const elsewhere = (): string => path.join(fixture.gradeDirectory, 'elsewhere');

  test('withholds the same rows again and grades alike', async () => {
    await fixture.open(tables(NUMBER), { metric: 'mae' }, BY_NAME);
    await fixture.split();
    const predictions = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 2}` }));
    await rm(path.join(fixture.gradeDirectory, RUN), { recursive: true });
    expect(await fixture.grade(predictions, { gradeDirectory: elsewhere() })).toEqual({ status: 'ok', metric: 2 });
  });

  test('grades nothing when the data are not what they were, and says what to do', async () => {
    await fixture.open(tables(NUMBER), { metric: 'mae' }, BY_NAME);
    await fixture.split();
    const predictions = await predict((_, label) => ({ y: label === null ? '1' : `${Number(label) + 2}` }));
    await fixture.data.write(
      'task/input',
      tables((row) => `${row}`),
    );
    await expect(fixture.grade(predictions, { gradeDirectory: elsewhere() })).rejects.toMatchObject({
      type: 'GradingFailed',
      message: expect.stringContaining(
        'cannot withhold the same again: the data are not what they were; bring ',
      ) as string,
    });
    expect(await fixture.gradeFile()).toBeNull();
  });
});

describe('a run that was begun from another one', () => {
  /** Like the run that was split, with its public data and another seed; nothing of it is on the grade worker. */
  async function fork(source: string): Promise<string> {
    const [run, evaluation] = [await fixture.run(), await fixture.evaluation()];
    const request = { ...run.request, fork: { run: source, node: 1 } };
    const { split } = evaluation;
    await rm(path.join(fixture.gradeDirectory, source), { recursive: true, force: true });
    await rename(path.join(fixture.gradeDirectory, RUN), path.join(fixture.gradeDirectory, source));
    await writeJson(fixture.store, keys.run, { ...run, seed: run.seed + 1, request });
    if (split !== null) {
      await writeJson(fixture.store, keys.evaluation, { ...evaluation, split: { ...split, seed: run.seed } });
    }
    return predict(await labelsOf(source));
  }

  async function labelsOf(run: string): Promise<(id: string) => Row> {
    const answers = rowsOf(await readFile(path.join(fixture.gradeDirectory, run, 'answers.csv'), 'utf8'));
    const labels = new Map(answers.map(({ id, y }) => [id, y]));
    return (id) => ({ y: String(Number(labels.get(id) ?? 1) + 2) });
  }

  async function predict(cells: (id: string) => Row): Promise<string> {
    const rows = await fixture.publicRows('sample_submission.csv');
    return csv(rows.map(({ id = '' }) => ({ id, ...cells(id) })));
  }

  beforeEach(async () => {
    await fixture.open(tables(NUMBER), { metric: 'mae' }, BY_NAME);
    await fixture.split();
  });

  test('is graded on the answers that its source has here, also when the data have changed since', async () => {
    const predictions = await fork('source');
    await fixture.data.write(
      'task/input',
      tables((row) => `${row}`),
    );
    expect(await fixture.grade(predictions)).toEqual({ status: 'ok', metric: 2 });
    expect(await readFile(path.join(fixture.gradeDirectory, RUN, 'answers.csv'), 'utf8')).toBe(
      await readFile(path.join(fixture.gradeDirectory, 'source', 'answers.csv'), 'utf8'),
    );
  });

  test('has the same rows withheld with the seed of its source where nobody has them', async () => {
    const predictions = await fork('source');
    await rm(path.join(fixture.gradeDirectory, 'source'), { recursive: true });
    expect(await fixture.grade(predictions)).toEqual({ status: 'ok', metric: 2 });
  });

  test('never takes the answers of another split that has the name of its source', async () => {
    const predictions = await fork('source');
    await writeFile(path.join(fixture.gradeDirectory, 'source', 'split.json'), '{"dataHash": "another"}');
    await writeFile(path.join(fixture.gradeDirectory, 'source', 'answers.csv'), 'id,y,part\n');
    expect(await fixture.grade(predictions)).toEqual({ status: 'ok', metric: 2 });
  });
});

test('a grading program that does not start is a failure of the machinery', async () => {
  await fixture.open(tables(NUMBER), { metric: 'mae' }, BY_NAME);
  await expect(fixture.split({ pythonPath: '/nowhere/python' })).rejects.toMatchObject({ type: 'GradingFailed' });
  expect(await readJson(fixture.store, keys.evaluation, evaluationFileSchema)).toBeNull();
});

/** Text of all that the run's store has, but for the predictions, which the script made. */
async function everythingStored(): Promise<string> {
  const texts: string[] = [];
  for (const key of [keys.run, keys.evaluation, keys.node(1).grade, keys.node(1).execution, keys.node(1).submission]) {
    texts.push((await fixture.store.read(key))?.toString('utf8') ?? '');
  }
  return texts.join('\n');
}
