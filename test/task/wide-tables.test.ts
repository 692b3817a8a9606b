import { DEFAULT_PREVIEW_LIMITS } from '../../src/task/preview-limits';
import { previewData } from '../../src/task/preview';
import { DataDirectory } from './data-directory';

const COLUMNS = 10_000;
const FOCUS = { tables: ['train.csv'], columns: ['id', 'price'] };
const LIMITS = { ...DEFAULT_PREVIEW_LIMITS, columns: 20 };

/** What the first columns hold: each kind of cell that has to stay as it is on its way to a narrower table. */
const FIRST: Readonly<Record<string, (row: number) => string>> = {
  id: (row) => String(row),
  'size, in m²': (row) => `"${row},5"`,
  sold: (row) => `${String((row % 28) + 1).padStart(2, '0')}.11.2024`,
  words: (row) => (row % 3 === 0 ? '"one; ""two""\nthree"' : 'plain'),
  gaps: (row) => (row % 4 === 0 ? ['', 'NA', '""', 'n/a'][(row / 4) % 4]! : 'there'),
  zip: (row) => `00${row}`,
};

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

function row(number: number, columns: number): string {
  const first = Object.values(FIRST).map((cell) => cell(number));
  const others = Array.from({ length: columns - first.length - 1 }, (_, index) =>
    String(1000 + ((number + index) % 7)),
  );
  return [...first, ...others, String(number / 8).replace('.', ',')].join(';');
}

function wide(rows: number, columns: number): string {
  const others = Array.from({ length: columns - Object.keys(FIRST).length - 1 }, (_, index) => `f${index}`);
  const header = [...Object.keys(FIRST), ...others, 'price'].join(';');
  return `${[header, ...Array.from({ length: rows }, (_, index) => row(index, columns))].join('\n')}\n`;
}

test('of ten thousand columns, what is said of those described is what is said of a table with these alone', async () => {
  const directory = await data.write('wide', { 'train.csv': wide(120, COLUMNS) });
  const [table] = (await previewData(directory, FOCUS, LIMITS)).tables;
  const narrow = await data.write('narrow', { 'train.csv': wide(120, LIMITS.columns) });
  const [alone] = (await previewData(narrow, FOCUS, LIMITS)).tables;

  expect(table).toMatchObject({ rows: 120, rowsExact: true, delimiter: ';', decimal: ',', columnsLeftOut: 9980 });
  expect(table?.columns.map(({ name }) => name)).toEqual(alone?.columns.map(({ name }) => name));
  expect(table?.columns).toEqual(alone?.columns);
  expect(table?.columns.find(({ name }) => name === 'gaps')).toMatchObject({ missing: 30, distinct: 1 });
  expect(table?.columns.find(({ name }) => name === 'sold')).toMatchObject({ dateFormats: ['%d.%m.%Y'] });
  expect(table?.columns.at(-1)).toMatchObject({ name: 'price', type: 'number', maximum: 119 / 8 });
});

test('where lines do not fit the header, it is described as before, and that is said', async () => {
  const text = wide(30, 300);
  const directory = await data.write('uneven', { 'train.csv': `${text}too;short\n${row(30, 300)}\n` });
  const { tables, problems } = await previewData(directory, FOCUS, LIMITS);
  expect(tables).toMatchObject([{ rows: 32, rowsExact: false, columnsLeftOut: 280 }]);
  expect(problems).toMatchObject([{ message: expect.stringContaining('not every line fits') as string }]);
});

test('of a table too wide and too large to be read whole, rows from its beginning to its end are described', async () => {
  const lines = wide(400, COLUMNS);
  const directory = await data.write('large', { 'train.csv': lines });
  const sample = 8 * 1024 * 1024;
  const limits = { ...LIMITS, wholeTableBytes: sample, sampleBytes: sample };
  const [table] = (await previewData(directory, FOCUS, limits)).tables;
  const id = table?.columns.find(({ name }) => name === 'id');
  expect(table?.rowsExact).toBe(false);
  expect(id?.minimum).toBe(0);
  expect(id?.maximum).toBeGreaterThan(390);
  expect(table?.rowsEstimated).toBeGreaterThan(350);
  expect(table?.rowsEstimated).toBeLessThan(450);
});
