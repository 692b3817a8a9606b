import { gzipSync } from 'node:zlib';
import type { AwkwardCase } from './awkward-case';
import { dayText, houses, table } from './made-rows';
import type { House } from './made-rows';
import { mapFiles, PLAIN, threeTables } from './text-tables';
import { zipOf } from './zip-of';

const REGRESSION = { metric: 'rmse', target: 'price' } as const;

function renamed<T>(files: Readonly<Record<string, T>>, ending: string): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${name}${ending}`, content]));
}

function record({ id, size, rooms, colour, day, price }: House, withPrice: boolean): object {
  return { id, size, rooms, colour, sold: dayText(day, 'yyyy-mm-dd'), ...(withPrice ? { price } : {}) };
}

const ALL = houses(280);
const [LEARN, PREDICT] = [ALL.slice(0, 240), ALL.slice(240)];
const SAMPLE = table(
  ['id', 'price'],
  PREDICT.map(({ id }) => [id, 0]),
);

/** Data that are packed, in other formats, in several tables, or no tables at all. */
export const OTHER_FORMS: readonly AwkwardCase[] = [
  {
    name: 'gzip',
    task: REGRESSION,
    files: () =>
      renamed(
        mapFiles(threeTables(PLAIN), (text) => gzipSync(text)),
        '.gz',
      ),
    table: { path: 'train.csv.gz', format: 'csv', compression: 'gzip', rows: 240, rowsExact: true },
    inferred: { train: 'train.csv.gz', sample: 'sample_submission.csv.gz', id: 'id' },
  },
  {
    name: 'one zip a table',
    task: REGRESSION,
    files: () =>
      Object.fromEntries(
        Object.entries(threeTables(PLAIN)).map(([name, text]) => [`${name}.zip`, zipOf({ [name]: text })]),
      ),
    table: { path: 'train.csv.zip', compression: 'zip', member: 'train.csv', rows: 240 },
    inferred: { train: 'train.csv.zip', id: 'id' },
  },
  {
    name: 'one zip of all',
    task: REGRESSION,
    files: () => ({ 'data.zip': zipOf(threeTables(PLAIN)) }),
    table: { path: 'data.zip', compression: 'zip', member: 'train.csv', rows: 240 },
  },
  {
    name: 'lines of JSON, packed',
    task: REGRESSION,
    files: () => ({
      'train.jsonl.gz': gzipSync(LEARN.map((house) => JSON.stringify(record(house, true))).join('\n')),
      'test.jsonl.gz': gzipSync(PREDICT.map((house) => JSON.stringify(record(house, false))).join('\n')),
      'sample_submission.csv': SAMPLE,
    }),
    table: { format: 'jsonl', compression: 'gzip', rows: 240 },
    columns: { size: { type: 'number' }, sold: { type: 'date' } },
    inferred: { train: 'train.jsonl.gz', id: 'id' },
  },
  {
    name: 'a list of JSON records',
    task: REGRESSION,
    files: () => ({
      'train.json': JSON.stringify(
        LEARN.map((house) => record(house, true)),
        null,
        1,
      ),
      'test.json': JSON.stringify(PREDICT.map((house) => record(house, false))),
      'sample_submission.csv': SAMPLE,
      'settings.json': '{"made": "by hand"}',
    }),
    table: { format: 'json', rows: 240 },
  },
  {
    name: 'several tables',
    task: REGRESSION,
    files: () => ({
      ...threeTables(PLAIN),
      'owners.csv': table(
        ['owner_id', 'id', 'since'],
        ALL.map(({ id }) => [id + 500, id, 1990 + (id % 30)]),
      ),
      'visits.csv': table(
        ['visit', 'owner_id', 'stars'],
        ALL.map(({ id }) => [id, 500 + (id % 50), id % 5]),
      ),
    }),
    table: { rows: 240 },
  },
  {
    name: 'a folder of images by class',
    task: { metric: 'accuracy' },
    files: () =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [
          `train/${index % 2 === 0 ? 'cats' : 'dogs'}/${index}.jpg`,
          `no image ${index}`,
        ]),
      ),
    refused: /no training table|no table/i,
  },
  {
    name: 'a competition in words',
    task: null,
    files: () => ({
      ...threeTables(PLAIN),
      'description.md':
        '# Houses\n\nWe want to know what houses are worth.\n\n## Evaluation\n\nSubmissions are evaluated on the root mean ' +
        'squared error between the predicted and the true price.\n\n## Files\n\ntrain.csv, test.csv, sample_submission.csv\n',
    }),
    inferred: { metric: 'rmse', direction: 'minimize', target: 'price', id: 'id', train: 'train.csv' },
    table: { rows: 240 },
  },
  {
    name: 'a single table described in words',
    task: null,
    files: () => {
      const text = threeTables(PLAIN)['train.csv'] ?? '';
      return {
        'houses.csv': text,
        'description.md': 'Predict the `price` of a house. Scores are measured by the mean absolute error.\n',
      };
    },
    inferred: { metric: 'mae', target: 'price', id: 'id', train: 'houses.csv' },
  },
  {
    name: 'no table at all',
    task: REGRESSION,
    files: () => ({ 'readme.txt': 'the data will follow' }),
    refused: /no training table|no table/i,
  },
];
