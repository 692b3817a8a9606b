import { gzipSync } from 'node:zlib';
import { runKeys } from '../../src/store/run-keys';
import { csv, GradingFixture, RUN } from './grading-fixture';
import { tables, toPredict, train } from './made-up-tables';

let fixture: GradingFixture;

beforeEach(async () => {
  fixture = await GradingFixture.make();
});

afterEach(() => fixture.remove());

describe('what stands against it is said in one sentence', () => {
  const plain = tables(2400);

  test.each([
    [
      'an unknown metric',
      plain,
      { metric: 'closeness', direction: 'maximize' },
      'the metric closeness has no scorer here',
    ],
    [
      'an odd direction',
      plain,
      { metric: 'rmse', direction: 'maximize' },
      'the scorer of rmse says minimize, and the task says maximize',
    ],
    ['few rows', tables(1999), { metric: 'rmse' }, 'train.csv has 1999 rows, fewer than 2000'],
    [
      'no target',
      { 'train.csv': plain['train.csv'] ?? '' },
      { metric: 'rmse', id: 'id' },
      'the task names no target column',
    ],
    [
      'no id',
      { 'train.csv': (plain['train.csv'] ?? '').replace('id,', 'number,') },
      { metric: 'rmse', target: 'y' },
      'the task names no column that identifies a row',
    ],
    [
      'a compressed table',
      { 'train.csv.gz': gzipSync(plain['train.csv'] ?? '') },
      { metric: 'rmse', train: 'train.csv.gz', target: 'y', id: 'id' },
      'train.csv.gz is no plain CSV or TSV file, and rows can be withheld from those alone',
    ],
    [
      'classes that are no whole numbers',
      { ...plain, 'train.csv': csv(train(2400).map((row, at) => ({ ...row, y: `${at % 3}.5` }))) },
      { metric: 'qwk' },
      'qwk needs whole numbers, and y holds others',
    ],
    [
      'several tables',
      { ...plain, 'visits.csv': 'id,when\n' },
      { metric: 'rmse' },
      'the data are more than one training table (visits.csv)',
    ],
    [
      'labels as folders',
      { 'cats/1.png': 'x', 'dogs/2.png': 'x' },
      { metric: 'accuracy' },
      'the task has no training table',
    ],
    [
      'rows that are images',
      { ...plain, 'images/1.png': 'x', 'images/2.png': 'x' },
      { metric: 'rmse' },
      'the data are more than one training table (images/1.png and 1 more)',
    ],
    [
      'no numbers',
      { ...plain, 'train.csv': csv(train(2400).map((row) => ({ ...row, y: 'high' }))) },
      { metric: 'rmse' },
      'rmse compares numbers, and 2400 cells of y hold none',
    ],
    [
      'one class',
      { ...plain, 'train.csv': csv(train(2400).map((row) => ({ ...row, y: 'a' }))) },
      { metric: 'accuracy' },
      'accuracy compares classes, and y has one value only',
    ],
    [
      'hardly a second class',
      { ...plain, 'train.csv': csv(train(2400).map((row, at) => ({ ...row, y: at < 2 ? 'a' : 'b' }))) },
      { metric: 'accuracy' },
      'so few rows have another value of y that hidden rows would all be alike',
    ],
    [
      'far too many classes',
      plain,
      { metric: 'accuracy' },
      'accuracy compares classes, and y has 2400 different values',
    ],
    [
      'few labelled rows',
      { ...plain, 'train.csv': csv(train(2400).map((row, at) => (at % 2 ? row : { ...row, y: 'NA' }))) },
      { metric: 'rmse' },
      'train.csv has 1200 rows with a value of y, and hidden rows need at least 2000',
    ],
    [
      'columns of the test table alone',
      { ...plain, 'test.csv': csv(toPredict(300, 2400, () => ({ extra: '1' }))) },
      { metric: 'rmse' },
      'test.csv has columns that train.csv lacks (extra), so no row of it can join them',
    ],
    [
      'ids that come twice',
      { ...plain, 'test.csv': csv([...toPredict(300, 2400), ...toPredict(1, 2400)]) },
      { metric: 'rmse' },
      'the column id does not identify the rows to predict: some of its values come twice',
    ],
    [
      'a sample of other rows',
      { ...plain, 'sample_submission.csv': 'id,y\n99999,1\n' },
      { metric: 'rmse' },
      'the sample asks for values of id that test.csv does not have',
    ],
    [
      'a torn row',
      { ...plain, 'train.csv': `${plain['train.csv'] ?? ''}1,2\n` },
      { metric: 'rmse' },
      'row 2401 of train.csv has 2 cells, its header has 3',
    ],
    [
      'an open quote',
      { ...plain, 'train.csv': `${plain['train.csv'] ?? ''}"1,2,3\n` },
      { metric: 'rmse' },
      'train.csv has a quote that is never closed',
    ],
    [
      'too few groups',
      tables(2400, (row) => ({ g: `${row % 2}` })),
      { metric: 'rmse', group: 'g' },
      'its 2 groups are too few or too unequal to be divided',
    ],
    [
      'times nobody can order',
      tables(2400, (row) => ({ t: `day ${row}` })),
      { metric: 'rmse', time: 't' },
      'the column of times holds neither numbers only nor dates as 2026-01-31 or 2026-01-31T12:00:00',
    ],
    [
      'one moment for all',
      tables(2400, () => ({ t: '3' })),
      { metric: 'rmse', time: 't' },
      'too many of its rows share one moment to be divided by time',
    ],
  ] as const)('%s', async (_, files, task, why) => {
    await fixture.open(files, task);
    expect(await fixture.split()).toEqual({ evaluation: 'reported', canRefit: false });
    const reported = { kind: 'reported', why: `Scripts report their own scores, since ${why}.`, split: null };
    expect(await fixture.evaluation()).toEqual(reported);
    expect(await fixture.store.list(runKeys(RUN).data)).toEqual([]);
  });

  test('asked for by name it fails for good with that sentence', async () => {
    await fixture.open({ ...plain, 'copy.csv': plain['train.csv'] ?? '' }, { metric: 'rmse', evaluation: 'holdout' });
    await expect(fixture.split()).rejects.toMatchObject({
      type: 'InvalidTask',
      nonRetryable: true,
      message:
        'Evaluation by hidden rows is asked for, but copy.csv has a column y, too, in which scripts could look up what ' +
        'is withheld; change the task, or ask for "reported".',
    });
  });

  test('asked for by name few rows are enough, and other files are no obstacle: scripts get them as they are', async () => {
    const files = { ...tables(80), 'images/1.png': 'pixels', 'README.md': 'words' };
    await fixture.open(files, { metric: 'rmse' }, { spec: { evaluation: 'holdout' } });
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    expect(await fixture.publicText('images/1.png')).toBe('pixels');
    expect(await fixture.publicText('README.md')).toBe('words');
    expect((await fixture.evaluation()).why).toBe('Hidden rows were asked for.');
  });
});
