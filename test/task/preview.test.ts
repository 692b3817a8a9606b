import { createWriteStream } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { previewSchema } from '../../src/domain/preview';
import type { ColumnPreview, Preview, TablePreview } from '../../src/domain/preview';
import { previewData } from '../../src/task/preview';
import type { PreviewFocus } from '../../src/task/list-data';
import { DEFAULT_PREVIEW_LIMITS } from '../../src/task/preview-limits';
import type { PreviewLimits } from '../../src/task/preview-limits';
import { DataDirectory } from './data-directory';

const NO_FOCUS: PreviewFocus = { tables: [], columns: [] };

let data: DataDirectory;

beforeAll(async () => {
  data = await DataDirectory.make();
});

afterAll(() => data.remove());

/** The preview of a directory, checked to be of the schema's shape after a way through JSON. */
async function previewOf(directory: string, ...rest: [focus?: PreviewFocus, limits?: PreviewLimits]) {
  const preview = await previewData(directory, ...rest);
  expect(previewSchema.parse(JSON.parse(JSON.stringify(preview)))).toEqual(preview);
  return preview;
}

async function previewOfFiles(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<Preview> {
  return previewOf(await data.write(name, files));
}

async function previewOfTable(content: string | Uint8Array, name = 'table.csv'): Promise<TablePreview> {
  const directory = `single ${(await readdir(data.root)).length}`;
  const { tables, problems } = await previewOfFiles(directory, { [name]: content });
  expect(problems).toEqual([]);
  expect(tables).toHaveLength(1);
  return tables[0]!;
}

function column(table: TablePreview, name: string): ColumnPreview {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no column ${name} among ${table.columns.map((one) => one.name).join()}`);
  return found;
}

describe('real data', () => {
  test('the diamonds example is described as it is', async () => {
    const preview = await previewOf(path.join(__dirname, '..', '..', 'examples', 'diamonds', 'input'));
    expect(preview.problems).toEqual([]);
    expect(preview.files.map((file) => file.path)).toEqual(['sample_submission.csv', 'test.csv', 'train.csv']);
    const train = preview.tables.find((table) => table.path === 'train.csv')!;
    expect(train).toMatchObject({ delimiter: ',', rowsExact: true, columnsLeftOut: 0 });
    expect(train.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id integer',
      'carat number',
      'cut text',
      'color text',
      'clarity text',
      'depth number',
      'table number',
      'x number',
      'y number',
      'z number',
      'price integer',
    ]);
    expect(column(train, 'id')).toMatchObject({ missing: 0, distinct: train.rows });
    const cut = column(train, 'cut');
    expect(cut).toMatchObject({ distinct: 5, minimum: null, maximum: null, mean: null });
    expect(cut.examples).toEqual(['Ideal', 'Premium', 'Very Good', 'Good', 'Fair']);
  });
});

describe('what stands in a column', () => {
  test('numbers: range, mean, gaps as pandas sees them, the first values as they stand in the file', async () => {
    const table = await previewOfTable('n,x,code\n3,0.50,007\nNA,1e3,008\n-1,inf,\n3,nan,008\n');
    expect(column(table, 'n')).toEqual({
      name: 'n',
      type: 'integer',
      missing: 1,
      distinct: 2,
      minimum: -1,
      maximum: 3,
      mean: 5 / 3,
      examples: ['3', '-1'],
      dateFormats: [],
    });
    expect(column(table, 'x')).toMatchObject({ type: 'number', missing: 1, minimum: 0.5, maximum: 1000, mean: 500.25 });
    expect(column(table, 'code')).toMatchObject({ type: 'text', missing: 1, examples: ['008', '007'] });
  });

  test('numbers too large for JSON', async () => {
    const table = await previewOfTable('big,huge\n9223372036854775807,1e308\n9223372036854775806,1.5e308\n');
    expect(column(table, 'big').maximum).toBe(Number(9223372036854775807n));
    expect(column(table, 'huge')).toMatchObject({ type: 'number', maximum: 1.5e308 });
  });

  test('dates, times and truth values', async () => {
    const table = await previewOfTable(
      'day,moment,clock,flag,letter\n' +
        '2024-01-31,2024-01-31 10:00:00,10:00:00,True,T\n' +
        '2023-12-01,2023-12-01T11:30:00,09:30:00,False,F\n',
    );
    expect(table.columns.map(({ name, type }) => [name, type])).toEqual([
      ['day', 'date'],
      ['moment', 'timestamp'],
      ['clock', 'time'],
      ['flag', 'boolean'],
      ['letter', 'text'],
    ]);
    expect(column(table, 'day')).toMatchObject({ minimum: '2023-12-01', maximum: '2024-01-31', mean: null });
    expect(column(table, 'clock')).toMatchObject({ minimum: '09:30:00', maximum: '10:00:00' });
    expect(column(table, 'flag')).toMatchObject({ distinct: 2, examples: ['True', 'False'] });
  });

  test('dates with the day first keep their examples as written', async () => {
    const table = await previewOfTable('day,n\n31/01/2024,1\n01/12/2023,2\n');
    expect(column(table, 'day')).toMatchObject({
      type: 'date',
      minimum: '2023-12-01',
      maximum: '2024-01-31',
      examples: ['31/01/2024', '01/12/2023'],
    });
  });

  test('text: the most frequent values first, cut to 60 characters', async () => {
    const table = await previewOfTable(`t\nb\na\na\n${'😀'.repeat(100)}\na\nb\n`);
    expect(column(table, 't')).toMatchObject({ type: 'text', distinct: 3, examples: ['a', 'b', '😀'.repeat(60)] });
  });

  test('a column of which everything is missing', async () => {
    const table = await previewOfTable('a,gone\n1,\n2,NaN\n');
    expect(column(table, 'gone')).toEqual({
      name: 'gone',
      type: 'text',
      missing: 2,
      distinct: 0,
      minimum: null,
      maximum: null,
      mean: null,
      examples: [],
      dateFormats: [],
    });
  });

  test('a type that shows itself only in the last of many rows', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `${index},${index}`).join('\n');
    const table = await previewOfTable(`a,b\n${rows}\nlast,0.5\n`);
    expect(table).toMatchObject({ rows: 50_001, rowsExact: true });
    expect(table.columns.map(({ type }) => type)).toEqual(['text', 'number']);
  });
});

describe('how a table is written', () => {
  test.each<{
    what: string;
    content: string | Uint8Array;
    name?: string;
    expected: Partial<TablePreview>;
    first: string;
  }>([
    { what: 'a byte order mark', content: '\ufeffa,b\n1,2\n', expected: { rows: 1 }, first: 'a' },
    {
      what: 'semicolons and quoted line breaks',
      content: 'a;b\n"x\ny;z";1\n',
      expected: { delimiter: ';', rows: 1 },
      first: 'a',
    },
    { what: 'tabs', content: 'a, b\tc\n1\t2\n', name: 'T.TSV', expected: { delimiter: '\t', rows: 1 }, first: 'a, b' },
    {
      what: 'bars and carriage returns',
      content: 'a|b\r\n1|2\r\n3|4\r\n',
      expected: { delimiter: '|', rows: 2 },
      first: 'a',
    },
    {
      what: 'a single column of prose',
      content: 'prose\nyes, sir\nno\n',
      expected: { delimiter: ',', rows: 2 },
      first: 'prose',
    },
    { what: 'only a header', content: 'a,b\n', expected: { rows: 0, rowsExact: true }, first: 'a' },
    { what: 'stray quotes', content: 'a,b\n5" pipe,1\nhe said "hi",2\n', expected: { rows: 2 }, first: 'a' },
    { what: 'no line break at the end', content: 'a,b\n1,2', expected: { rows: 1 }, first: 'a' },
    { what: 'spaces around names', content: ' a ,b\n1,2\n', expected: { rows: 1 }, first: ' a ' },
  ])('$what', async ({ content, name, expected, first }) => {
    const table = await previewOfTable(content, name);
    expect(table).toMatchObject(expected);
    expect(table.columns[0]?.name).toBe(first);
    expect(table.columns.length).toBe(first === 'prose' ? 1 : 2);
  });

  test('names that come twice, or not at all, are those that pandas gives', async () => {
    const table = await previewOfTable('a,a,A,,a\n1,2,3,4,5\n');
    expect(table.columns.map(({ name, maximum }) => [name, maximum])).toEqual([
      ['a', 1],
      ['a.1', 2],
      ['A', 3],
      ['Unnamed: 3', 4],
      ['a.2', 5],
    ]);
  });

  test('text that is not UTF-8 is read, and said so', async () => {
    const preview = await previewOfFiles('encodings', {
      'late.csv': Buffer.concat([
        Buffer.from('a,b\n'),
        Buffer.from('x,1\n'.repeat(1_500_000)),
        Buffer.from('é,1\n', 'latin1'),
        Buffer.from('x,1\n'.repeat(10)),
      ]),
      'latin.csv': Buffer.from('a,b\ncafé,1\n', 'latin1'),
      'wide.csv': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a,b\ncafé,1\n', 'utf16le')]),
    });
    expect(preview.tables.map(({ columns }) => columns[0]?.examples)).toEqual([['x', 'é'], ['café'], ['café']]);
    expect(preview.problems).toEqual([
      { path: 'late.csv', message: 'it is not UTF-8 throughout; read as latin-1' },
      { path: 'latin.csv', message: 'it is not UTF-8 but latin-1' },
      { path: 'wide.csv', message: 'it is not UTF-8 but utf-16' },
    ]);
  });

  test('lines that do not fit the header cost no more than themselves', async () => {
    const { tables, problems } = await previewOfFiles('uneven', { 'table.csv': 'a,b\n1,2\n3\n4,5,6\n7,8\n' });
    expect(tables[0]).toMatchObject({ rowsExact: false });
    expect(tables[0]!.rows).toBeGreaterThanOrEqual(3);
    expect(column(tables[0]!, 'a')).toMatchObject({ minimum: 1, maximum: 7 });
    expect(problems).toEqual([
      { path: 'table.csv', message: 'not every line fits the header: short ones are filled up, broken ones left out' },
    ]);
  });

  test('what is no table is named with the reason, beside the tables that are', async () => {
    const preview = await previewOfFiles('mixed', {
      'blank.csv': '\n\n',
      'empty.csv': '',
      'good.csv': 'a,b\n1,2\n',
      'junk.csv': Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)),
    });
    expect(preview.tables.map((table) => table.path)).toEqual(['good.csv']);
    expect(preview.problems).toEqual([
      { path: 'blank.csv', message: 'it has no header line' },
      { path: 'empty.csv', message: 'it is empty' },
      { path: 'junk.csv', message: 'it is not a text file' },
    ]);
  });
});

describe('the tree of files', () => {
  test('names that mean something to a shell, a pattern or a partition are only names', async () => {
    const names = ["it's.csv", 'a*.csv', 'a1.csv', '[b].csv', 'c?.csv', 'd d 😀.csv', 'year=2020/e.csv', '{x,y}.csv'];
    const preview = await previewOfFiles(
      'names',
      Object.fromEntries(names.map((name, index) => [name, `a\n${index}\n`])),
    );
    expect(preview.problems).toEqual([]);
    const values = preview.tables.map((table) => [table.path, table.columns.map(({ minimum }) => minimum)]);
    expect(Object.fromEntries(values)).toEqual(Object.fromEntries(names.map((name, index) => [name, [index]])));
  });

  test('links are followed once, also out of the directory; broken ones are problems; hidden files are not there', async () => {
    const outside = await data.write('linked/outside', { 'far.csv': 'a\n1\n' });
    const inside = await data.write('linked/inside', { 'near.csv': 'a\n2\n', '.hidden.csv': 'a\n' });
    await symlink(path.join(outside, 'far.csv'), path.join(inside, 'linked.csv'));
    await symlink(outside, path.join(inside, 'there'));
    await symlink('..', path.join(inside, 'up'));
    await symlink('gone', path.join(inside, 'broken.csv'));
    const preview = await previewOf(inside);
    expect(preview.files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['linked.csv', 'near.csv', 'there/far.csv']),
    );
    expect(preview.tables.find((table) => table.path === 'linked.csv')?.columns[0]?.minimum).toBe(1);
    expect(preview.problems).toContainEqual({ path: 'broken.csv', message: 'it is a link that leads nowhere' });
    expect(preview.files.some((file) => file.path.includes('up/inside'))).toBe(false);
    expect(JSON.stringify(preview)).not.toContain('hidden');
  });

  test('of many files the nearest are named and the others counted', async () => {
    const images = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`a/${index}.png`, '']));
    const preview = await previewOfFiles('images', { ...images, 'z.csv': 'a\n1\n', 'b/deep/y.csv': 'a\n1\n' });
    expect(preview.files).toHaveLength(200);
    expect(preview.files.slice(0, 2)).toEqual([
      { path: 'z.csv', bytes: 4 },
      { path: 'a/0.png', bytes: 0 },
    ]);
    expect(preview.filesLeftOut).toBe(52);
    expect(preview.tables.map((table) => table.path)).toEqual(['z.csv', 'b/deep/y.csv']);
  });

  test('of many tables those of the task come first', async () => {
    const tables = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`t${index + 10}.csv`, 'a\n1\n']));
    const directory = await data.write('many tables', { ...tables, 'train.csv': 'a\n1\n' });
    const preview = await previewOf(directory, { tables: ['train.csv'], columns: [] });
    expect(preview.tables).toHaveLength(20);
    expect(preview.tables[0]?.path).toBe('train.csv');
    expect(preview.problems).toEqual([
      { path: 't29.csv', message: 'not described and 4 more tables: at most 20 tables are' },
    ]);
  });

  test('a directory that is not there is an error', async () => {
    await expect(previewData(data.at('nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what it may cost', () => {
  test('3,000 columns: 200 described, the important ones among them, in less than 1 MB', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `a_rather_long_name_of_a_column_${index}`);
    const row = names.map((_, index) => (index % 3 === 0 ? `some text, number ${index}` : String(index / 7)));
    const line = row.map((value) => `"${value}"`).join(',');
    const directory = await data.write('wide', { 'train.csv': `${names.join(',')}\n${`${line}\n`.repeat(20)}` });
    const preview = await previewOf(directory, { tables: [], columns: [names[2500]!] });
    const [table] = preview.tables;
    expect(preview.problems).toEqual([]);
    expect(table).toMatchObject({ rows: 20, columnsLeftOut: 2800 });
    expect(table!.columns.map(({ name }) => name)).toEqual([...names.slice(0, 199), names[2500]]);
    expect(column(table!, names[2500]!)).toMatchObject({ type: 'number', minimum: 2500 / 7 });
    expect(JSON.stringify(preview).length).toBeLessThan(100_000);
  });

  test('20 tables of 200 columns full of long text stay below 2 MB', async () => {
    const header = Array.from({ length: 200 }, (_, index) => `column ${index}`).join(',');
    const rows = ['a', 'b', 'c', 'd', 'e', 'f']
      .map((letter) => Array(200).fill(letter.repeat(100)).join(','))
      .join('\n');
    const tables = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${index}.csv`, `${header}\n${rows}\n`]),
    );
    const preview = await previewOfFiles('long text', tables);
    expect(preview.tables).toHaveLength(20);
    expect(JSON.stringify(preview).length).toBeLessThan(2_000_000);
  });

  test('of a file of 300 MB a sample from beginning to end is looked at, the same each time', async () => {
    const directory = await data.write('large', {});
    const header = 'row,value,word\n';
    let row = 0;
    const lines = function* () {
      yield header;
      for (let chunk = 0; chunk < 300; chunk++) {
        let text = '';
        while (text.length < 1024 * 1024) text += `${++row},${row / 3},word number ${row % 1000}\n`;
        yield text;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(path.join(directory, 'train.csv')));
    const first = await previewOf(directory);
    const [table] = first.tables;
    expect(first.problems).toEqual([]);
    expect(table).toMatchObject({ rowsExact: false });
    expect(table!.rows).toBeGreaterThan(1_000_000);
    expect(table!.rows).toBeLessThan(row / 3);
    expect(column(table!, 'row').minimum).toBe(1);
    expect(column(table!, 'row').maximum).toBeGreaterThan(0.999 * row);
    expect(Math.abs(table!.rowsEstimated! / row - 1)).toBeLessThan(0.05);
    expect(await previewOf(directory)).toEqual(first);
  });

  test('once much was read whole, the beginnings of the other tables do', async () => {
    const content = `a\n${'12345\n'.repeat(1000)}`;
    const directory = await data.write('together', { '1.csv': content, '2.csv': content, '3.csv': content });
    const limits = { ...DEFAULT_PREVIEW_LIMITS, wholeBytesTogether: 13_000, sampleBytes: 60 };
    const { tables } = await previewOf(directory, NO_FOCUS, limits);
    expect(tables.map(({ rows, rowsExact }) => [rows, rowsExact])).toEqual([
      [1000, true],
      [1000, true],
      [9, false],
    ]);
  });

  test('a table that takes too long is a problem, not a failure', async () => {
    const directory = await data.write('slow', { 'train.csv': `a,b\n${'1,2\n'.repeat(8_000_000)}` });
    const limits = { ...DEFAULT_PREVIEW_LIMITS, tableMilliseconds: 0, quickRows: 8_000_000 };
    const { tables, problems } = await previewOf(directory, NO_FOCUS, limits);
    expect(tables).toEqual([]);
    expect(problems).toEqual([{ path: 'train.csv', message: 'it cannot be read: it takes too long' }]);
  });

  test('nothing stays behind in the temporary directory', async () => {
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = await data.write('temporary', {});
    try {
      await previewOfFiles('tidy', { 'a.csv': 'a\n1\n' });
      expect(await readdir(data.at('temporary'))).toEqual([]);
    } finally {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
    }
  });
});
