import type { ColumnPreview, Preview, TablePreview } from '../../../src/domain/preview';
import { PLAIN_READING, TABLES_ALONE } from '../../../src/domain/preview';
import { PLAIN_TASK } from '../../../src/domain/task';
import type { Task } from '../../../src/domain/task';
import type { OfflineFacts, ParentFacts, TriedFacts } from '../../../src/llm/offline/facts';

export function column(name: string, type: ColumnPreview['type'], more: Partial<ColumnPreview> = {}): ColumnPreview {
  const some = type === 'integer' || type === 'number';
  return {
    name,
    type,
    missing: 0,
    distinct: 40,
    minimum: some ? 0 : null,
    maximum: some ? 100 : null,
    mean: some ? 15 : null,
    examples: some ? ['1', '2'] : ['red', 'green'],
    dateFormats: [],
    ...more,
  };
}

export function table(path: string, columns: readonly ColumnPreview[], rows = 1000): TablePreview {
  return {
    ...PLAIN_READING,
    rowsEstimated: null,
    path,
    rows,
    rowsExact: true,
    columns: [...columns],
    columnsLeftOut: 0,
  };
}

export function preview(...tables: readonly TablePreview[]): Preview {
  const files = tables.map(({ path }) => ({ path, bytes: 1 }));
  return { ...TABLES_ALONE, files, filesLeftOut: 0, tables: [...tables], problems: [] };
}

const FEATURES = [
  column('width', 'number', { distinct: 900 }),
  column('height', 'number', { distinct: 800, missing: 30 }),
  column('colour', 'text', { distinct: 5 }),
  column('sold on', 'date', { distinct: 300, examples: ['2020-01-31'] }),
];

/** House prices, more or less. */
export const TASK: Task = {
  ...PLAIN_TASK,
  name: 'houses',
  goal: 'predict the price',
  dataDirectory: '/data',
  metric: 'rmse',
  direction: 'minimize',
  target: 'price',
  id: 'id',
  train: 'train.csv',
  test: 'test.csv',
  sample: 'sample.csv',
};

export const PREVIEW: Preview = preview(
  table('train.csv', [column('id', 'integer', { distinct: 1000 }), ...FEATURES, column('price', 'number')]),
  table('test.csv', [column('id', 'integer', { distinct: 500 }), ...FEATURES], 500),
  table('sample.csv', [column('id', 'integer', { distinct: 500 }), column('price', 'number')], 500),
);

/** What a script may import in the environment of these tests. */
export const PACKAGES = ['numpy', 'pandas', 'pyarrow', 'scikit-learn', 'scipy', 'lightgbm', 'xgboost-cpu'];

export const DRAFT_FACTS: OfflineFacts = {
  task: TASK,
  preview: PREVIEW,
  packages: PACKAGES,
  seed: 7,
  nodeId: 1,
  operator: 'draft',
  parent: null,
  tried: [],
  best: null,
  execution: null,
};

export function failedParent(code: string, outputTail: string, more: Partial<ParentFacts> = {}): ParentFacts {
  return { id: 1, code, status: 'failed', reason: 'exception', message: '', metric: null, outputTail, ...more };
}

export function workingParent(id: number, code: string, metric: number): ParentFacts {
  return { id, code, status: 'working', reason: null, message: '', metric, outputTail: '' };
}

export function triedNode(
  id: number,
  parent: number | null,
  code: string | null,
  more: Partial<TriedFacts> = {},
): TriedFacts {
  const operator = parent === null ? 'draft' : 'improve';
  return { id, parent, operator, status: 'working', metric: 10, title: '', summary: '', code, ...more };
}
