import { encode } from 'iconv-lite';
import type { AwkwardCase, Files } from './awkward-case';
import { dayText, houses, table } from './made-rows';
import type { House, Writing } from './made-rows';

const ROWS = 240;
const TO_PREDICT = 40;
const REGRESSION = { metric: 'rmse', target: 'price' } as const;

type Cell = string | number | null;
type Columns = Readonly<Record<string, (house: House) => Cell>>;

export const PLAIN: Columns = {
  id: ({ id }) => id,
  size: ({ size }) => size,
  rooms: ({ rooms }) => rooms,
  colour: ({ colour }) => colour,
  price: ({ price }) => price,
};

/** Training rows, rows to predict and a sample, with the target as the last of the columns. */
export function threeTables(columns: Columns, writing: Writing = {}, ending = 'csv'): Record<string, string> {
  const names = Object.keys(columns);
  const [id = '', target = ''] = [names[0], names.at(-1)];
  const cells = (house: House, wanted: readonly string[]): Cell[] =>
    wanted.map((name) => columns[name]?.(house) ?? null);
  const known = names.slice(0, -1);
  const all = houses(ROWS + TO_PREDICT);
  const [train, test] = [all.slice(0, ROWS), all.slice(ROWS)];
  return {
    [`train.${ending}`]: table(
      names,
      train.map((house) => cells(house, names)),
      writing,
    ),
    [`test.${ending}`]: table(
      known,
      test.map((house) => cells(house, known)),
      writing,
    ),
    [`sample_submission.${ending}`]: table(
      [id, target],
      test.map((house) => [...cells(house, [id]), 0]),
      writing,
    ),
  };
}

/** Each of the texts through `change`. */
export function mapFiles(files: Readonly<Record<string, string>>, change: (text: string) => string | Buffer): Files {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));
}

function comma(value: number): string {
  return String(value).replace('.', ',');
}

const COLOURS_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  french: { red: 'rouge foncé', green: 'vert d’été', blue: 'bleu à pois', white: 'blanc cassé' },
  czech: { red: 'červená', green: 'zelená světlá', blue: 'modrá tmavší', white: 'bílá čistě' },
  japanese: { red: '赤い家です', green: '緑色の家', blue: '青い壁', white: '白いドア' },
  russian: { red: 'красный', green: 'зелёный', blue: 'голубой', white: 'белый' },
};

function coloured(language: string): Columns {
  return {
    ...PLAIN,
    colour: ({ colour }) => COLOURS_IN[language]?.[colour] ?? colour,
    price: PLAIN['price'] ?? (() => null),
  };
}

const GERMAN: Columns = {
  id: ({ id }) => id,
  size: ({ size }) => comma(size),
  rooms: ({ rooms }) => rooms,
  colour: ({ colour }) => colour,
  price: ({ price }) => comma(price),
};

/** Of 10,003 columns the second and the last say something; written by hand, since so many cells take their time. */
function wideTables(): Files {
  const all = houses(140);
  const noise = Array.from({ length: 10_000 }, (_, index) => index);
  const names = `id,size,${noise.map((index) => `noise_${index}`).join(',')}`;
  const row = ({ id, size }: House): string =>
    `${id},${size},${noise.map((index) => (id * (index + 7)) % 97).join(',')}`;
  const [train, test] = [all.slice(0, 120), all.slice(120)];
  return {
    'train.csv': `${names},price\n${train.map((house) => `${row(house)},${house.price}\n`).join('')}`,
    'test.csv': `${names}\n${test.map((house) => `${row(house)}\n`).join('')}`,
    'sample_submission.csv': `id,price\n${test.map(({ id }) => `${id},0\n`).join('')}`,
  };
}

/** Awkward ways of writing text with separators. */
export const TEXT_TABLES: readonly AwkwardCase[] = [
  {
    name: 'plain',
    task: REGRESSION,
    files: () => threeTables(PLAIN),
    table: { format: 'csv', encoding: 'utf-8', delimiter: ',', decimal: '.', thousands: null, rows: ROWS },
    inferred: { train: 'train.csv', id: 'id', direction: 'minimize' },
  },
  {
    name: 'byte order mark',
    task: REGRESSION,
    files: () => mapFiles(threeTables(PLAIN), (text) => `\ufeff${text}`),
    table: { encoding: 'utf-8-sig', rows: ROWS },
    inferred: { id: 'id' },
  },
  {
    name: 'quotes with line breaks',
    task: REGRESSION,
    files: () =>
      threeTables({ ...PLAIN, colour: ({ colour }) => `${colour}\n"paint", thick`, price: ({ price }) => price }),
    table: { rows: ROWS, delimiter: ',' },
    columns: { colour: { type: 'text', distinct: 4 } },
  },
  {
    name: 'duplicate columns',
    task: REGRESSION,
    files: () =>
      mapFiles(threeTables({ ...PLAIN, colour: ({ size }) => size + 1, price: ({ price }) => price }), (text) =>
        text.replace('id,size,rooms,colour', 'id,size,rooms,size'),
      ),
    columns: { size: { type: 'number' }, 'size.1': { type: 'number' } },
  },
  {
    name: 'names with spaces and emoji',
    task: { metric: 'rmse', target: 'the price 💶' },
    files: () =>
      threeTables({
        'house number': ({ id }) => id,
        'size (m²)': ({ size }) => size,
        '🏠 rooms': ({ rooms }) => rooms,
        'a "colour", or so': ({ colour }) => colour,
        'the price 💶': ({ price }) => price,
      }),
    inferred: { id: 'house number' },
    columns: { '🏠 rooms': { type: 'integer' }, 'a "colour", or so': { type: 'text' } },
  },
  {
    name: '10,000 columns',
    task: REGRESSION,
    files: wideTables,
    table: { rows: 120, columnsLeftOut: 9803 },
  },
  {
    name: 'one row',
    task: REGRESSION,
    files: () => ({ 'train.csv': 'id,size,price\n1,20.5,100\n' }),
    table: { rows: 1, rowsExact: true },
    inferred: { id: 'id' },
  },
  {
    name: 'all-missing columns',
    task: REGRESSION,
    files: () =>
      threeTables({
        id: ({ id }) => id,
        gone: () => null,
        lost: () => 'NA',
        size: ({ size }) => size,
        price: ({ price }) => price,
      }),
    columns: { gone: { missing: ROWS, distinct: 0, type: 'text' }, lost: { missing: ROWS } },
  },
  {
    name: 'dates in three formats',
    task: REGRESSION,
    files: () => {
      const patterns = ['dd.mm.yyyy', 'mm/dd/yyyy', 'yyyy-mm-dd'];
      return threeTables({
        ...PLAIN,
        colour: ({ id, day }) => dayText(day, patterns[id % 3] ?? ''),
        price: ({ price, day }) => Math.round(price + day / 10),
      });
    },
    columns: {
      colour: {
        type: 'date',
        dateFormats: ['%Y-%m-%d', '%d.%m.%Y', '%m/%d/%Y'],
      },
    },
  },
  {
    name: 'semicolons and decimal commas',
    task: REGRESSION,
    files: () => threeTables(GERMAN, { delimiter: ';' }),
    table: { delimiter: ';', decimal: ',', thousands: null },
    columns: { size: { type: 'number' }, price: { type: 'number' }, rooms: { type: 'integer' } },
  },
  {
    name: 'thousands with points',
    task: REGRESSION,
    files: () =>
      threeTables(
        { ...GERMAN, price: ({ price }) => Math.round(price * 10_000).toLocaleString('de-DE') },
        { delimiter: ';' },
      ),
    table: { delimiter: ';', decimal: ',', thousands: '.' },
    columns: { price: { type: 'number' }, size: { type: 'number' } },
  },
  {
    name: 'thousands with commas',
    task: REGRESSION,
    files: () => threeTables({ ...PLAIN, price: ({ price }) => Math.round(price * 1000).toLocaleString('en-US') }),
    table: { delimiter: ',', decimal: '.', thousands: ',' },
    columns: { price: { type: 'number' } },
  },
  {
    name: 'thousands with spaces',
    task: REGRESSION,
    files: () =>
      threeTables(
        {
          ...GERMAN,
          price: ({ price }) =>
            Math.round(price * 1000)
              .toLocaleString('en-US')
              .replaceAll(',', ' '),
        },
        { delimiter: '\t' },
        'tsv',
      ),
    table: { delimiter: '\t', decimal: ',', thousands: ' ' },
    columns: { price: { type: 'number' } },
  },
  {
    name: 'Windows-1252',
    task: REGRESSION,
    files: () => mapFiles(threeTables(coloured('french')), (text) => encode(text, 'windows-1252')),
    table: { encoding: 'cp1252', rows: ROWS },
    columns: { colour: { example: 'vert d’été' } },
    problem: /not UTF-8 but cp1252/,
  },
  {
    name: 'Windows-1250',
    task: REGRESSION,
    files: () => mapFiles(threeTables(coloured('czech'), { delimiter: ';' }), (text) => encode(text, 'windows-1250')),
    table: { encoding: /^(cp1250|iso8859-2)$/, delimiter: ';' },
    columns: { colour: { example: 'červená' } },
  },
  {
    name: 'Shift-JIS',
    task: REGRESSION,
    files: () => mapFiles(threeTables(coloured('japanese')), (text) => encode(text, 'shift_jis')),
    table: { encoding: 'cp932', rows: ROWS },
    columns: { colour: { example: '青い壁' } },
  },
  {
    name: 'Cyrillic in Windows-1251',
    task: REGRESSION,
    files: () => mapFiles(threeTables(coloured('russian')), (text) => encode(text, 'windows-1251')),
    table: { encoding: 'cp1251' },
    columns: { colour: { example: 'красный' } },
  },
  {
    name: 'UTF-16',
    task: REGRESSION,
    files: () =>
      mapFiles(threeTables(coloured('french'), { delimiter: '\t' }, 'tsv'), (text) => encode(text, 'utf-16')),
    table: { encoding: 'utf-16', delimiter: '\t', rows: ROWS },
    columns: { colour: { example: 'vert d’été' } },
  },
  {
    name: 'no line feeds but carriage returns, bars',
    task: REGRESSION,
    files: () => threeTables(PLAIN, { delimiter: '|', lineEnd: '\r\n' }),
    table: { delimiter: '|', rows: ROWS },
  },
  {
    name: 'uneven rows',
    task: REGRESSION,
    files: () => {
      const { 'train.csv': train = '', ...others } = threeTables(PLAIN);
      return { ...others, 'train.csv': `${train}9001,50\n9002,50,2,red,240,too,much\n` };
    },
    table: { rowsExact: false },
    problem: /not every line fits/,
  },
  {
    name: 'missing targets',
    task: REGRESSION,
    files: () => threeTables({ ...PLAIN, price: ({ id, price }) => (id % 4 === 0 ? null : price) }),
    columns: { price: { type: 'number', missing: ROWS / 4 } },
  },
  {
    name: 'classes as words, one rare',
    task: { metric: 'accuracy', target: 'kind' },
    files: () =>
      threeTables({
        id: ({ id }) => id,
        size: ({ size }) => size,
        rooms: ({ rooms }) => rooms,
        kind: ({ id, size }) => (id === 7 ? 'castle' : size > 120 ? 'large home' : 'flat'),
      }),
    columns: { kind: { type: 'text', distinct: 3 } },
    inferred: { direction: 'maximize' },
  },
];
