import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCheck } from '../../src/checks/run-check';
import { realPython } from '../sandbox/real-python';

const ROWS = 40;
const python = realPython();

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-predictions-'));
});

afterEach(() => rm(root, { recursive: true }));

type Value = (row: number) => number | string;

/** Writes a table and gives its path. */
async function table(name: string, header: string, ...values: readonly Value[]): Promise<string> {
  const lines = Array.from({ length: ROWS }, (_, row) => values.map((value) => value(row)).join(','));
  const file = path.join(root, name);
  await writeFile(file, `${[header, ...lines].join('\n')}\n`);
  return file;
}

const id: Value = (row) => 1000 + row;
const varied: Value = (row) => (row * 37) % 11;

interface Given {
  readonly predicted: readonly Value[];
  readonly header?: string;
  readonly sample?: readonly Value[];
  /** Order of the rows to predict. */
  readonly testId?: Value;
}

async function doubts({
  predicted,
  header = 'id,price',
  sample = predicted.map(() => () => 0),
  testId = id,
}: Given): Promise<(string | undefined)[]> {
  const marks = await runCheck(
    python,
    {
      check: 'predictions',
      predictions: await table('predictions.csv', header, id, ...predicted),
      sample: await table('sample.csv', header, id, ...sample),
      test: await table(
        'test.csv',
        'id,carat,sex',
        testId,
        (row) => Number(testId(row)) / 8,
        (row) => row % 2,
      ),
      id_column: 'id',
    },
    60_000,
  );
  return marks.map(({ message }) => message);
}

describe('predictions that are noticed', () => {
  it('are the same in all rows', async () => {
    expect(await doubts({ predicted: [() => 3.5] })).toEqual([`All ${ROWS} predictions are 3.5.`]);
  });

  it('are the same in every column of several', async () => {
    expect(await doubts({ predicted: [() => 0.3, () => 0.7], header: 'id,a,b' })).toEqual([
      'Each of the 2 predicted columns has the same value in all rows.',
    ]);
  });

  it('are a copy of a column, also when its rows are in another order and its numbers are written otherwise', async () => {
    const backwards: Value = (row) => 1000 + ROWS - 1 - row;
    const predicted: Value = (row) => (Number(id(row)) / 8).toFixed(6);

    expect(await doubts({ predicted: [predicted], testId: backwards })).toEqual([
      'The predictions of "price" are a copy of the column "carat" of the rows to predict.',
    ]);
  });

  it('are a copy of the ids', async () => {
    expect(await doubts({ predicted: [id] })).toEqual([
      'The predictions of "price" are a copy of the column "id" of the rows to predict.',
    ]);
  });

  it('are the values of the sample', async () => {
    expect(await doubts({ predicted: [varied], sample: [varied] })).toEqual([
      'The predictions are the values of the sample submission.',
    ]);
  });
});

describe('predictions that are not suspected', () => {
  it.each<[string, Given]>([
    ['vary', { predicted: [varied] }],
    ['have two values', { predicted: [(row) => (row < 20 ? 1.5 : 2.5)] }],
    ['are rare positives', { predicted: [(row) => (row === 7 ? 1 : 0)] }],
    ['are classes that follow one column of two values', { predicted: [(row) => row % 2] }],
    ['are constant in one column of several', { predicted: [() => 0, varied], header: 'id,a,b' }],
    ['are a column but for one row', { predicted: [(row) => (row === 3 ? 0 : Number(id(row)) / 8)] }],
    ['are a column times two', { predicted: [(row) => Number(id(row)) / 4] }],
    ['are the sample but for one row', { predicted: [(row) => (row === 3 ? 99 : varied(row))], sample: [varied] }],
  ])('%s', async (_how, given) => {
    expect(await doubts(given)).toEqual([]);
  });
});
