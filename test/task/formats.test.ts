import { execFileSync } from 'node:child_process';
import { previewData } from '../../src/task/preview';
import { DEFAULT_PREVIEW_LIMITS } from '../../src/task/preview-limits';
import { loadTask } from '../../src/task/load-task';
import { environmentPython } from '../offline/support/run-script';
import { DataDirectory } from './data-directory';

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

test('Parquet as pandas writes it, with the exact number of rows', async () => {
  const directory = await data.write('parquet', {});
  const script = [
    'import pandas as pd',
    'table = pd.DataFrame({"id": range(500), "when": pd.date_range("2024-01-01", periods=500), "kind": ["a", "b"] * 250})',
    'table["price"] = table["id"] * 1.5',
    'table["parts"] = [[1, 2]] * 500',
    'table.to_parquet("train.parquet")',
  ].join('\n');
  execFileSync(environmentPython(), ['-c', script], { cwd: directory });
  const loaded = await loadTask({ task: { data: directory, goal: 'guess', metric: 'rmse', target: 'price' } }, '/');
  expect(loaded).toMatchObject({ ok: true, task: { train: 'train.parquet', id: 'id' } });
  const preview = await previewData(directory);
  expect(preview.problems).toEqual([]);
  expect(preview.tables[0]).toMatchObject({ format: 'parquet', rows: 500, rowsExact: true });
  expect(preview.tables[0]!.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'id integer',
    'when timestamp',
    'kind text',
    'price number',
    'parts text',
  ]);
});

test('a large table with line breaks in quotes is sampled all over, whole rows alone', async () => {
  const rows = Array.from({ length: 400_000 }, (_, index) => `${index},"line one\nline, two",${index % 7}`);
  const directory = await data.write('spread', { 'train.csv': `id,text,y\n${rows.join('\n')}\n` });
  const limits = { ...DEFAULT_PREVIEW_LIMITS, wholeTableBytes: 1000, sampleBytes: 8 * 1024 * 1024 };
  const { tables, problems } = await previewData(directory, { tables: [], columns: [] }, limits);
  expect(problems).toEqual([]);
  const [table] = tables;
  expect(table!.columns[0]).toMatchObject({ type: 'integer', minimum: 0, maximum: 399_999 });
  expect(table!.columns[1]).toMatchObject({ distinct: 1, missing: 0 });
  expect(table!.columns[2]).toMatchObject({ minimum: 0, maximum: 6, distinct: 7 });
  expect(Math.abs(table!.rowsEstimated! / 400_000 - 1)).toBeLessThan(0.05);
});

test('folders, zips and keys are told', async () => {
  const images = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`img/${index % 4}/${index}.PNG`, 'x']));
  const directory = await data.write('things', {
    ...images,
    'orders.csv': 'order_id,customer_id,sum\n1,7,3\n2,8,4\n',
    'customers.csv': 'customer_id,name\n7,a\n8,b\n',
  });
  const preview = await previewData(directory);
  expect(preview.folders).toEqual([
    expect.objectContaining({
      path: 'img',
      kind: 'images',
      files: 40,
      filesExact: true,
      extensions: [{ extension: '.png', files: 40 }],
    }),
  ]);
  expect(preview.folders[0]!.subfolders).toHaveLength(4);
  expect(preview.keys).toEqual([{ column: 'customer_id', tables: ['customers.csv', 'orders.csv'] }]);
});

test('a zip that is none, and one that holds no table, stop nothing', async () => {
  const directory = await data.write('zips', { 'broken.zip': 'PK nonsense', 'train.csv': 'a,b\n1,2\n' });
  const preview = await previewData(directory);
  expect(preview.tables.map(({ path }) => path)).toEqual(['train.csv']);
  expect(preview.problems).toEqual([
    { path: 'broken.zip', message: expect.stringMatching(/^it cannot be read: /) as unknown },
  ]);
});
