import { PLAIN_READING } from '../../src/domain/preview';
import type { TablePreview } from '../../src/domain/preview';
import { packagesRefusal } from '../../src/llm/offline/missing-packages';
import { offlineRefusal } from '../../src/llm/offline/offline-model';
import { readRecipe, recipeLines } from '../../src/llm/offline/recipe';
import {
  column,
  DRAFT_FACTS,
  failedParent,
  preview,
  PREVIEW,
  table,
  TASK,
  triedNode,
  workingParent,
} from './support/facts';
import { askOffline } from './support/offline-search';

const PROSE = column('notes', 'text', {
  distinct: 900,
  examples: ['a quiet house near the old park', 'needs new windows and a roof'],
});
const NAMES = column('district', 'text', { distinct: 60, examples: ['Upper Old Town', 'Lower Old Town'] });

/** The preview of TASK with other columns beside id and price, and the tables read otherwise. */
function previewWith(columns: TablePreview['columns'], reading: Partial<TablePreview> = {}): typeof PREVIEW {
  const id = column('id', 'integer', { distinct: 1000 });
  return preview(
    { ...table('train.csv', [id, ...columns, column('price', 'number')]), ...reading },
    { ...table('test.csv', [id, ...columns], 500), ...reading },
    table('sample.csv', [id, column('price', 'number')], 500),
  );
}

async function draft(seen: typeof PREVIEW, nodeId: number): Promise<string> {
  return (await askOffline({ ...DRAFT_FACTS, preview: seen, nodeId })).code;
}

test('prose is learned from by its words: sparse by a linear model, reduced by others', async () => {
  const seen = previewWith([PROSE]);
  const linear = await draft(seen, 2);
  expect(linear).toContain('TEXTS = ["notes"]');
  expect(linear).toMatch(/HashingVectorizer[\s\S]+TfidfTransformer[\s\S]+sparse_threshold=1/);
  expect(linear).not.toContain('TruncatedSVD');
  expect(await draft(seen, 3)).toContain('TruncatedSVD(n_components=24');
});

test('names of several words stay a category, and their words are a change to try', async () => {
  const seen = previewWith([NAMES, column('size', 'number')]);
  const code = await draft(seen, 3);
  expect(code).toContain('CATEGORIES = ["district"]');
  expect(code).not.toContain('HashingVectorizer');
  const tried = [triedNode(3, null, code)];
  const changes: (string | undefined)[] = [];
  for (let nodeId = 6; nodeId < 26; nodeId += 1) {
    const parent = workingParent(3, code, 10);
    const next = await askOffline({ ...DRAFT_FACTS, preview: seen, nodeId, operator: 'improve', parent, tried });
    tried.push(triedNode(nodeId, 3, recipeLines(next.code), { metric: 11 }));
    changes.push(readRecipe(next.code)?.origin.change);
  }
  expect(changes).toContain('names');
});

test.each([
  [
    { encoding: 'cp1252', delimiter: ';', decimal: ',' },
    'read(INPUT / "train.csv", ";", encoding="cp1252", dtype=str)',
  ],
  [{ thousands: ',' }, 'plain_numbers(read(INPUT / "train.csv", ",", dtype=str), ",", ".")'],
  [{ compression: 'gzip' }, 'read(INPUT / "train.csv", ",", compression="gzip")'],
  [{ compression: 'zip', member: 'in/train.csv' }, 'read(member(INPUT / "train.csv", "in/train.csv"), ",")'],
  [{ format: 'parquet' }, 'pd.read_parquet(INPUT / "train.csv"'],
  [{ format: 'json' }, 'read_json(INPUT / "train.csv")'],
  [{ format: 'jsonl', compression: 'gzip' }, 'read_json(INPUT / "train.csv", compression="gzip", lines=True)'],
] as const)('a table is read as the preview says: %j', async (reading, expected) => {
  expect(await draft(previewWith([column('size', 'number')], { ...PLAIN_READING, ...reading }), 3)).toContain(expected);
});

test('of a very wide table the columns that the preview leaves out are used, and only some are kept', async () => {
  const code = await draft(previewWith([column('size', 'number')], { columnsLeftOut: 9000 }), 3);
  expect(code).toContain('SelectKBest(score_func=f_regression, k=100)');
  expect(code).toContain('NUMERIC.append(name)');
  expect(readRecipe(code)?.model.missing).toBe('median');
});

test('a CSV too large to be held is drawn from, all over it', async () => {
  const seen = previewWith([column('size', 'number')]);
  const files = seen.files.map((file) => (file.path === 'train.csv' ? { ...file, bytes: 5e9 } : file));
  expect(await draft({ ...seen, files }, 3)).toContain(
    'read(drawn_lines(INPUT / "train.csv"), ",", on_bad_lines="skip")',
  );
});

test('dates are read in all the ways of both tables', async () => {
  const sold = (dateFormats: string[]) => column('sold', 'date', { dateFormats });
  const [train, test, sample] = previewWith([sold(['%d.%m.%Y'])]).tables;
  if (train === undefined || test === undefined || sample === undefined) throw new Error('three tables');
  const other = { ...test, columns: test.columns.map((each) => (each.name === 'sold' ? sold([]) : each)) };
  expect(await draft(preview(train, other, sample), 3)).toContain('"sold": ["%d.%m.%Y", "ISO8601"]');
});

test('further tables are named in the script, and not looked at', async () => {
  const extra = { ...PREVIEW, tables: [...PREVIEW.tables, table('weather.csv', [column('day', 'date')])] };
  expect(await draft(extra, 3)).toContain('# Tables that this script does not look at:\n# - "weather.csv"');
});

test('one row is too little, and said so', () => {
  expect(offlineRefusal(TASK, preview(...PREVIEW.tables.map((each) => ({ ...each, rows: 1 }))))).toMatch(/only 1 row /);
});

describe('boosting libraries', () => {
  const improve = async (packages: string[]): Promise<(string | undefined)[]> => {
    const code = await draft(PREVIEW, 3);
    const tried = [triedNode(3, null, code)];
    const changes: (string | undefined)[] = [];
    for (let nodeId = 6; nodeId < 16; nodeId += 1) {
      const facts = { ...DRAFT_FACTS, packages, nodeId, operator: 'improve', tried } as const;
      const next = await askOffline({ ...facts, parent: workingParent(3, code, 10) });
      tried.push(triedNode(nodeId, 3, recipeLines(next.code), { metric: 11 }));
      changes.push(readRecipe(next.code)?.origin.change);
    }
    return changes;
  };

  test('are another library to try where they are installed, and only there', async () => {
    expect(await improve(['lightgbm', 'xgboost-cpu'])).toEqual(
      expect.arrayContaining(['library_lightgbm', 'library_xgboost']),
    );
    expect((await improve([])).filter((name) => name?.startsWith('library_'))).toEqual([]);
  });

  test('one that does not load after all is done without', async () => {
    const code = await draft(PREVIEW, 8);
    expect(readRecipe(code)?.model.family).toBe('lightgbm');
    const error = 'OSError: libgomp.so.1: cannot open shared object file: No such file or directory\n';
    const parent = failedParent(code, error);
    const repaired = await askOffline({ ...DRAFT_FACTS, nodeId: 9, operator: 'debug', parent });
    expect(readRecipe(repaired.code)?.model.family).not.toMatch(/lightgbm|xgboost/);
  });
});

describe("a person's script as the parent", () => {
  const parent = workingParent(9, 'import pandas as pd\nprint("mine")\n', 5);
  const facts = { ...DRAFT_FACTS, nodeId: 10, operator: 'improve', parent } as const;

  test('is improved from the best script with a recipe, and the plan says so', async () => {
    const best = await draft(PREVIEW, 3);
    const tried = [
      triedNode(1, null, await draft(PREVIEW, 1), { metric: 12 }),
      triedNode(3, null, best, { metric: 8 }),
    ];
    const { plan, code } = await askOffline({ ...facts, tried });
    expect(plan).toContain('node 9 is of another hand');
    expect(readRecipe(code)).toMatchObject({ model: { family: 'boosting' }, origin: { parent: 9 } });
  });

  test('is repaired by a fresh start', async () => {
    const failed = failedParent(parent.code, 'SyntaxError: invalid syntax\n', { id: 9 });
    const { plan } = await askOffline({ ...facts, operator: 'debug', parent: failed });
    expect(plan).toMatch(/^Start anew/);
  });
});

test('Parquet needs pyarrow in the environment that scripts have', () => {
  const seen = previewWith([column('size', 'number')], { format: 'parquet' });
  const shared = { numpy: '1', pandas: '1', 'scikit-learn': '1', pyarrow: '1' };
  const { pyarrow, ...without } = shared;
  expect(packagesRefusal({ own: null, shared }, seen)).toBeNull();
  expect(packagesRefusal({ own: null, shared: without }, seen)).toMatch(/lacks pyarrow: run "npm run setup"/);
  expect(packagesRefusal({ own: without, shared }, seen)).toMatch(/task's own environment lacks pyarrow: add/);
  expect(packagesRefusal({ own: { ...without, pyarrow }, shared }, seen)).toBeNull();
  expect(packagesRefusal({ own: null, shared: {} }, PREVIEW)).toBeNull();
});
