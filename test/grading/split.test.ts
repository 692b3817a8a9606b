import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { count, csv, GradingFixture, RUN, rowsOf } from './grading-fixture';
import type { Row } from './grading-fixture';
import { tables, toPredict, train } from './made-up-tables';

let fixture: GradingFixture;

beforeEach(async () => {
  fixture = await GradingFixture.make();
});

afterEach(() => fixture.remove());

async function partOf(part: string): Promise<string[]> {
  return (await fixture.answers()).filter((answer) => answer['part'] === part).map((answer) => answer['id'] ?? '');
}

describe('a table with target, id and a known metric', () => {
  test('has an eighth withheld for the search and another for the selection; what is left is for training', async () => {
    await fixture.open(tables(2400), { metric: 'rmse' });
    expect(await fixture.split()).toEqual({ evaluation: 'holdout', canRefit: true });
    const { kind, why, split } = await fixture.evaluation();
    expect({ kind, why }).toEqual({
      kind: 'holdout',
      why: 'The data allow hidden rows: 2400 rows, with an id and a metric that is known here.',
    });
    expect(split).toMatchObject({ method: 'random', trainRows: 1800, searchRows: 300, selectionRows: 300, made: [] });
    const [search, selection] = [await partOf('search'), await partOf('selection')];
    const rest = (await fixture.publicRows('train.csv')).map(({ id }) => id);
    expect(new Set([...search, ...selection, ...rest]).size).toBe(2400);
    expect([search.length, selection.length, rest.length]).toEqual([300, 300, 1800]);
  });

  test('mixes hidden rows, without labels, among the real ones of table and sample alike', async () => {
    const files = tables(2400);
    await fixture.open(files, { metric: 'rmse' });
    await fixture.split();
    const rows = await fixture.publicRows('test.csv');
    const sample = await fixture.publicRows('sample_submission.csv');
    expect(sample.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(new Set(sample.map(({ y }) => y))).toEqual(new Set(['0.5']));
    const isHidden = rows.map(({ id }) => Number(id) < 2400);
    // Random places: both halves have their share, and so have both orders of neighbours.
    expect(isHidden.filter(Boolean)).toHaveLength(600);
    for (const half of [isHidden.slice(0, 450), isHidden.slice(450)]) {
      expect(half.filter(Boolean).length).toBeGreaterThan(250);
      expect(half.filter(Boolean).length).toBeLessThan(350);
    }
    const hidden = rows.filter(({ id }) => Number(id) < 2400).map(({ id }) => Number(id));
    const rising = hidden.filter((id, index) => id > (hidden[index - 1] ?? Infinity)).length;
    expect(rising).toBeGreaterThan(250);
    expect(rising).toBeLessThan(350);
    // The real rows stay in their order, and every hidden one is as it was but for the label.
    expect(rows.filter((_, index) => isHidden[index] !== true)).toEqual(rowsOf(files['test.csv'] ?? ''));
    const originals = new Map(rowsOf(files['train.csv'] ?? '').map((row) => [row['id'], row['x']]));
    for (const id of hidden) expect(rows.find((row) => row['id'] === `${id}`)?.['x']).toBe(originals.get(`${id}`));
  });

  test('has no withheld label anywhere but in the directory of the grade worker, which is its own', async () => {
    await fixture.open(tables(2400), { metric: 'rmse' });
    await fixture.split();
    const labels = (await fixture.answers()).map(({ y }) => y ?? '');
    expect(labels).toHaveLength(600);
    const published = await Promise.all(
      [`data/train.csv`, 'data/test.csv', 'data/sample_submission.csv', 'run.json', 'evaluation.json'].map((name) =>
        fixture.store.read(`${RUN}/${name}`),
      ),
    );
    const text = published.map((content) => content?.toString('utf8') ?? '').join('\n');
    expect(labels.filter((label) => text.includes(label))).toEqual([]);
    for (const directory of [fixture.gradeDirectory, path.join(fixture.gradeDirectory, RUN)]) {
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    }
  });

  test('is split the same way again for the same seed, also by another grade worker, and otherwise for another', async () => {
    const read = async () => [
      await fixture.publicText('train.csv'),
      await fixture.publicText('test.csv'),
      await fixture.answers(),
    ];
    await fixture.open(tables(2400), { metric: 'rmse' }, { seed: 5 });
    await fixture.split();
    const first = await read();
    await fixture.split();
    expect(await read()).toEqual(first);
    await fixture.open(tables(2400), { metric: 'rmse' }, { seed: 5 });
    await fixture.split();
    expect(await read()).toEqual(first);
    await fixture.open(tables(2400), { metric: 'rmse' }, { seed: 6 });
    await fixture.split();
    expect((await read())[0]).not.toEqual(first[0]);
  });

  test('keeps the bytes of every cell: quotes, line breaks, endings, signs and encodings', async () => {
    const more = (row: number): Row => ({
      note: ['"a ""b"", c"', '"two\nlines"', ' 5" pipe ', '1e-05'][row % 4] ?? '',
    });
    const files = tables(2000, more);
    const crlf = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, `\ufeff${text.replaceAll(/\n(?!lines)/g, '\r\n')}`]),
    );
    await fixture.open(crlf, { metric: 'rmse', id: 'id' });
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    const original = (crlf['train.csv'] ?? '').split('\r\n');
    const kept = (await fixture.publicText('train.csv')).split('\r\n');
    expect(kept[0]).toBe(original[0]);
    expect(new Set(kept).size).toBe(1502);
    expect(kept.filter((line) => !original.includes(line))).toEqual([]);
    const unlabelled = new Set(original.map((line) => line.replace(/,7\d{6}$/, '')));
    const hidden = (await fixture.publicText('test.csv')).split('\r\n').filter((line) => /^\d+,/.test(line));
    expect(hidden.filter((line) => unlabelled.has(line))).toHaveLength(500);
  });

  test('in Latin-1 with semicolons, stays so', async () => {
    const text = (rows: readonly Row[]): Buffer => Buffer.from(csv(rows, ';'), 'latin1');
    const more = (): Row => ({ city: 'Köln' });
    const files = { 'train.csv': text(train(2000, more)), 'test.csv': text(toPredict(10, 5000, more)) };
    const sample = csv(toPredict(10, 5000).map(({ id }) => ({ id: id ?? '', y: '1' })));
    await fixture.open({ ...files, 'sample_submission.csv': sample }, { metric: 'mae' });
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    const content = await fixture.store.read(`${RUN}/data/test.csv`);
    expect(content?.toString('latin1').match(/;Köln\n/g)).toHaveLength(510);
  });

  test('keeps rows without a label for training', async () => {
    const rows = train(2400).map((row, index) => (index % 2 === 0 && index < 500 ? { ...row, y: '' } : row));
    await fixture.open({ ...tables(2400), 'train.csv': csv(rows) }, { metric: 'rmse' });
    await fixture.split();
    expect((await fixture.answers()).filter(({ y }) => y === '')).toEqual([]);
    expect((await fixture.publicRows('train.csv')).filter(({ y }) => y === '')).toHaveLength(250);
  });
});

describe('classes', () => {
  const classOf = (row: number): string => (row % 100 === 0 ? 'rare' : row % 4 === 0 ? 'some' : 'many');

  function classes(label: (row: number) => string): Record<string, string> {
    const files = tables(2400);
    return { ...files, 'train.csv': csv(train(2400).map((row, index) => ({ ...row, y: label(index) }))) };
  }

  test('are withheld in proportion, so that rare ones are on every side', async () => {
    await fixture.open(classes(classOf), { metric: 'f1_macro' });
    await fixture.split();
    expect((await fixture.evaluation()).split?.method).toBe('stratified');
    const answers = await fixture.answers();
    for (const part of ['search', 'selection']) {
      const labels = answers.filter((answer) => answer['part'] === part).map(({ y }) => y);
      const sizes = ['many', 'some', 'rare'].map((name) => labels.filter((label) => label === name).length);
      expect(Math.abs((sizes[0] ?? 0) - 225)).toBeLessThanOrEqual(1);
      expect(Math.abs((sizes[1] ?? 0) - 72)).toBeLessThanOrEqual(1);
      expect(Math.abs((sizes[2] ?? 0) - 3)).toBeLessThanOrEqual(1);
    }
    const left = (await fixture.publicRows('train.csv')).filter(({ y }) => y === 'rare');
    expect(left.length).toBeGreaterThanOrEqual(17);
  });

  test('of one or two rows are only for training', async () => {
    await fixture.open(
      classes((row) => (row < 2 ? 'pair' : row === 2 ? 'single' : classOf(row))),
      {
        metric: 'accuracy',
      },
    );
    await fixture.split();
    expect((await fixture.answers()).filter(({ y }) => y === 'pair' || y === 'single')).toEqual([]);
  });
});

describe('a task that says how its rows hang together', () => {
  test('by group: no group is on two sides', async () => {
    const more = (row: number): Row => ({ family: `f${(row * 7) % 90}` });
    await fixture.open(tables(2700, more), { metric: 'mae', group: 'family' });
    await fixture.split();
    expect((await fixture.evaluation()).split).toMatchObject({ method: 'group' });
    const family = new Map(rowsOf(tables(2700, more)['train.csv'] ?? '').map((row) => [row['id'], row['family']]));
    const groups = async (ids: readonly (string | undefined)[]) => new Set(ids.map((id) => family.get(id)));
    const sides = [
      await groups(await partOf('search')),
      await groups(await partOf('selection')),
      await groups((await fixture.publicRows('train.csv')).map(({ id }) => id)),
    ];
    expect(sides.reduce((sum, side) => sum + side.size, 0)).toBe(90);
    expect(sides.map(({ size }) => size).slice(0, 2)).toEqual([12, 12]);
  });

  test('by time: the last rows are hidden, in their order before the real ones, and a day is never divided', async () => {
    const day = (row: number): string =>
      new Date(Date.UTC(2024, 0, 1 + Math.floor(row / 7))).toISOString().slice(0, 10);
    const rows = train(2800, (row) => ({ day: day(row) }));
    const real = toPredict(70, 2800, (row) => ({ day: day(2800 + row) }));
    await fixture.open(
      {
        'train.csv': csv(rows),
        'test.csv': csv(real),
        'sample_submission.csv': csv(real.map(({ id }) => ({ id: id ?? '', y: '0' }))),
      },
      { metric: 'mae', time: 'day' },
    );
    await fixture.split();
    expect((await fixture.evaluation()).split).toMatchObject({ method: 'time', trainRows: 2100 });
    const [search, selection] = [await partOf('search'), await partOf('selection')];
    expect(search).toEqual(count(350).map((row) => `${2100 + row}`));
    expect(selection).toEqual(count(350).map((row) => `${2450 + row}`));
    const predicted = (await fixture.publicRows('test.csv')).map(({ id }) => Number(id));
    expect(predicted).toEqual(count(770).map((row) => 2100 + row));
  });
});

describe('ids', () => {
  test('that collide with those of the rows to predict are new for all hidden rows, and say nothing', async () => {
    const files = tables(2400);
    const real = toPredict(300, 0);
    const sample = csv(real.map(({ id }) => ({ id: id ?? '', y: '0' })));
    await fixture.open({ ...files, 'test.csv': csv(real), 'sample_submission.csv': sample }, { metric: 'rmse' });
    await fixture.split();
    const ids = (await fixture.publicRows('test.csv')).map(({ id }) => Number(id));
    expect(new Set(ids).size).toBe(900);
    const hidden = ids.filter((id) => id >= 300);
    expect(hidden).toEqual(count(600).map((row) => 2400 + row));
    const labels = new Map((await fixture.answers()).map((answer) => [answer['id'], Number(answer['y'])]));
    const rising = hidden.filter((id) => (labels.get(`${id}`) ?? 0) > (labels.get(`${id - 1}`) ?? Infinity)).length;
    expect(rising).toBeGreaterThan(250);
    expect(rising).toBeLessThan(350);
  });

  test('that the training table lacks are made up for the hidden rows', async () => {
    const rows = train(2400).map(({ x, y }) => ({ x: x ?? '', y: y ?? '' }));
    const real = toPredict(100, 0).map((row) => ({ ...row, id: `r${row['id'] ?? ''}` }));
    const sample = csv(real.map(({ id }) => ({ id, y: '0' })));
    const files = { 'train.csv': csv(rows), 'test.csv': csv(real), 'sample_submission.csv': sample };
    await fixture.open(files, { metric: 'rmse' });
    expect(await fixture.split()).toMatchObject({ evaluation: 'holdout' });
    const ids = (await fixture.publicRows('test.csv')).map(({ id }) => id ?? '');
    expect(new Set(ids).size).toBe(700);
    expect(ids.filter((id) => id.startsWith('row-'))).toHaveLength(600);
  });
});

describe('a task with a training table alone', () => {
  test('gets a table of hidden rows to predict and a sample, and the run knows them from then on', async () => {
    await fixture.open({ 'train.csv': csv(train(2400)) }, { metric: 'rmse', target: 'y', id: 'id' });
    expect(await fixture.split()).toEqual({ evaluation: 'holdout', canRefit: false });
    expect((await fixture.evaluation()).split).toMatchObject({
      testRows: 0,
      made: ['test.csv', 'sample_submission.csv'],
    });
    const rows = await fixture.publicRows('test.csv');
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'x']);
    const sample = await fixture.publicRows('sample_submission.csv');
    expect(sample).toEqual(rows.map(({ id }) => ({ id, y: '0' })));
    expect((await fixture.run()).task).toMatchObject({ test: 'test.csv', sample: 'sample_submission.csv' });
    await fixture.split();
    expect((await fixture.run()).task).toMatchObject({ test: 'test.csv', sample: 'sample_submission.csv' });
  });

  test('can have its split made again by another grade worker', async () => {
    await fixture.open({ 'train.csv': csv(train(2400)) }, { metric: 'rmse', target: 'y', id: 'id' });
    await fixture.split();
    const predictions = await fixture.publicText('sample_submission.csv');
    const another = path.join(fixture.gradeDirectory, 'another');
    expect(await fixture.grade(predictions, { gradeDirectory: another })).toMatchObject({ status: 'ok' });
    expect(await fixture.submission()).toBeNull();
  });
});

test('the answers are where the grade worker says, and nothing else is left there', async () => {
  await fixture.open(tables(2400), { metric: 'rmse' });
  await fixture.split();
  const directory = path.join(fixture.gradeDirectory, RUN);
  expect(JSON.parse(await readFile(path.join(directory, 'split.json'), 'utf8'))).toMatchObject({
    target: 'y',
    id: 'id',
  });
  await expect(stat(path.join(fixture.gradeDirectory, RUN, 'public'))).rejects.toMatchObject({ code: 'ENOENT' });
});
