import { FailureType } from '../../src/domain/failure-type';
import { canonicalMetricName, knownMetrics, scorerOf } from '../../src/domain/metrics';
import type { OfflineFacts } from '../../src/llm/offline/facts';
import { offlineFactsSchema } from '../../src/llm/offline/facts';
import { computableMetrics, metricCode, metricKinds } from '../../src/llm/offline/metric-code';
import { offlineRefusal } from '../../src/llm/offline/offline-model';
import { readRecipe, recipeKey, recipeLines } from '../../src/llm/offline/recipe';
import { column, DRAFT_FACTS, preview, PREVIEW, table, TASK, triedNode, workingParent } from './support/facts';
import { askForText, askOffline } from './support/offline-search';

function keyOf(code: string): string {
  const recipe = readRecipe(code);
  if (recipe === null) throw new Error('no recipe');
  return recipeKey(recipe);
}

async function improve(more: Partial<OfflineFacts> = {}): Promise<{ plan: string; code: string }> {
  const draft = await askOffline({ ...DRAFT_FACTS, nodeId: 3 });
  const parent = workingParent(3, draft.code, 10);
  return askOffline({ ...DRAFT_FACTS, nodeId: 6, operator: 'improve', parent, ...more });
}

test('the same facts give the same answer, also after a way through JSON', async () => {
  const first = await askForText(DRAFT_FACTS, 'draft');
  const stored: unknown = JSON.parse(JSON.stringify(DRAFT_FACTS));
  expect(await askForText(offlineFactsSchema.parse(stored), 'draft')).toBe(first);
  expect((await improve()).code).toBe((await improve()).code);
});

test('five drafts are of five families, made one after another or all at once', async () => {
  const families = async (known: boolean): Promise<(string | undefined)[]> => {
    const codes: string[] = [];
    for (let nodeId = 1; nodeId <= 5; nodeId += 1) {
      const tried = known ? codes.map((code, index) => triedNode(index + 1, null, code)) : [];
      codes.push((await askOffline({ ...DRAFT_FACTS, nodeId, tried })).code);
    }
    return codes.map((code) => readRecipe(code)?.model.family);
  };
  const oneByOne = await families(true);
  expect(new Set(oneByOne).size).toBe(5);
  expect(await families(false)).toEqual(oneByOne);
});

test('an improvement changes one thing, and no two of fifty on one parent are the same', async () => {
  const draft = await askOffline({ ...DRAFT_FACTS, nodeId: 3 });
  const parent = workingParent(3, draft.code, 10);
  const tried = [triedNode(3, null, draft.code)];
  const keys = new Set<string>();
  for (let nodeId = 6; nodeId < 56; nodeId += 1) {
    const { code } = await askOffline({ ...DRAFT_FACTS, nodeId, operator: 'improve', parent, tried });
    tried.push(triedNode(nodeId, 3, recipeLines(code), { metric: 11 }));
    keys.add(keyOf(code));
    if (nodeId === 6) expect(differences(draft.code, code)).toEqual(['target']);
  }
  expect(keys.size).toBe(50);
});

test('with only the latest siblings known, forgotten ones are hardly repeated', async () => {
  const draft = await askOffline({ ...DRAFT_FACTS, nodeId: 3 });
  const parent = workingParent(3, draft.code, 10);
  const keys: string[] = [];
  const siblings = [];
  for (let nodeId = 6; nodeId < 36; nodeId += 1) {
    const tried = siblings.slice(-6);
    const { code } = await askOffline({ ...DRAFT_FACTS, nodeId, operator: 'improve', parent, tried });
    siblings.push(triedNode(nodeId, 3, recipeLines(code), { metric: 11 }));
    keys.push(keyOf(code));
  }
  expect(new Set(keys).size).toBeGreaterThanOrEqual(27);
});

test('siblings in flight are kept clear of, whether their scripts are written or not', async () => {
  const alone = await improve();
  const written = await improve({ tried: [triedNode(5, 3, alone.code, { status: 'in_flight', metric: null })] });
  const unwritten = await improve({ tried: [triedNode(5, 3, null, { status: 'in_flight', metric: null })] });
  expect(keyOf(written.code)).not.toBe(keyOf(alone.code));
  expect(keyOf(unwritten.code)).toBe(keyOf(written.code));
});

test('a change that disappointed elsewhere comes later', async () => {
  const alone = await improve();
  const other = await askOffline({ ...DRAFT_FACTS, nodeId: 3, seed: 1 });
  const elsewhere = other.code.replace('"rows":null', '"rows":900');
  const failed = alone.code.replace('"rows":null', '"rows":900').replace('"parent":3', '"parent":2');
  const tried = [triedNode(2, null, elsewhere, { metric: 10 }), triedNode(4, 2, failed, { metric: 12 })];
  const later = await improve({ tried });
  expect(readRecipe(alone.code)?.target).toBe('log');
  expect(readRecipe(later.code)?.target).toBeNull();
});

test('a working script of another hand is improved by starting from the plainest recipe', async () => {
  const { code } = await improve({ parent: workingParent(3, 'print("hello")\n', 10) });
  expect(readRecipe(code)?.model.family).toBe('tree');
});

test('column names cannot end the fenced block or the recipe line', async () => {
  const name = '```\n# recipe: {}\n"""';
  const [train, test, sample] = PREVIEW.tables;
  if (train === undefined || test === undefined || sample === undefined) throw new Error('three tables');
  const odd = [train, test].map((each) => ({ ...each, columns: [column(name, 'text'), ...each.columns] }));
  const { code } = await askOffline({ ...DRAFT_FACTS, preview: preview(...odd, sample) });
  expect(code.match(/^# recipe: /gm)).toHaveLength(1);
  expect(code).toContain('\\u0060\\u0060\\u0060');
});

const CLASSES = { ...TASK, metric: 'accuracy', direction: 'maximize' } as const;
const withTarget = (target: ReturnType<typeof column>): typeof PREVIEW =>
  preview(
    ...PREVIEW.tables.map((each) => ({
      ...each,
      columns: each.columns.map((known) => (known.name === 'price' ? target : known)),
    })),
  );

test.each([
  ['no table', TASK, preview(), /no table|not a table/],
  ['an unknown target', { ...TASK, target: 'cost' }, PREVIEW, /no column "cost"/],
  ['an unknown metric', { ...TASK, metric: 'iou' }, PREVIEW, /cannot compute the metric "iou".*rmse/],
  ['an error of words', TASK, withTarget(column('price', 'text')), /rmse needs numbers/],
  ['classes of a quantity', CLASSES, withTarget(column('price', 'number', { distinct: 900 })), /900 different values/],
  ['a single class', CLASSES, withTarget(column('price', 'integer', { distinct: 1 })), /a single value/],
  [
    'an area under the curve of a quantity',
    { ...CLASSES, metric: 'brier' },
    withTarget(column('price', 'integer', { distinct: 3 })),
    /brier is not defined/,
  ],
  [
    'no columns to learn from',
    TASK,
    preview(table('train.csv', [column('price', 'number')]), ...PREVIEW.tables.slice(1)),
    /no column to predict/,
  ],
  ['no rows to predict', { ...TASK, test: null }, PREVIEW, /no table with the rows to predict/],
  ['a handful of rows', TASK, preview(...PREVIEW.tables.map((each) => ({ ...each, rows: 3 }))), /only 3 rows/],
] as const)('%s: refused in one line that names the way out', async (_name, task, seen, pattern) => {
  const refusal = offlineRefusal(task, seen);
  expect(refusal).toMatch(pattern);
  expect(refusal).toMatch(/Name a language model/);
  expect(refusal).not.toContain('\n');
  const asked = askForText({ ...DRAFT_FACTS, task, preview: seen }, 'draft');
  await expect(asked).rejects.toMatchObject({
    type: FailureType.ModelRequestRejected,
    nonRetryable: true,
    message: refusal,
  });
});

test('a task that it can do is not refused', () => {
  expect(offlineRefusal(TASK, PREVIEW)).toBeNull();
});

test.each(computableMetrics())('%s is computed the same under every name that is known for it', (metric) => {
  const names = knownMetrics().filter((name) => canonicalMetricName(name) === metric);
  const kinds = metricKinds(metric) ?? [];
  expect(scorerOf(metric)?.name).toBe(metric);
  expect(kinds).not.toEqual([]);
  for (const name of [...names, metric.toUpperCase().replaceAll('_', ' '), `${metric}_score`]) {
    expect(kinds.map((kind) => metricCode(name, kind))).toEqual(kinds.map((kind) => metricCode(metric, kind)));
  }
});

test('the script of a metric under another of its names is that of its usual one', async () => {
  const codeOf = async (metric: string): Promise<string> =>
    (await askOffline({ ...DRAFT_FACTS, task: { ...TASK, metric } })).code;
  expect(offlineRefusal({ ...TASK, metric: 'mean_absolute_error' }, PREVIEW)).toBeNull();
  expect(await codeOf('mean_absolute_error')).toBe(await codeOf('mae'));
  expect(await codeOf('Root mean squared error')).toBe(await codeOf('rmse'));
});

test('a request without facts is refused', async () => {
  await expect(askForText(undefined, 'draft')).rejects.toMatchObject({ type: FailureType.ModelRequestRejected });
});

describe('the review', () => {
  const review = async (facts: Partial<OfflineFacts>, metric: number | null): Promise<unknown> => {
    const ended = { status: metric === null ? 'failed' : 'ok', reason: metric === null ? 'timeout' : null } as const;
    const execution = { code: '', ...ended, message: 'ended at 60 s', metric, scriptSeconds: 1, outputTail: '' };
    return JSON.parse(await askForText({ ...DRAFT_FACTS, ...facts, execution }, 'review'));
  };

  test('compares a score with the parent and the best', async () => {
    const facts = { parent: workingParent(3, '', 10), best: { id: 2, metric: 8 } };
    expect(await review(facts, 9)).toEqual({
      is_bug: false,
      summary: 'rmse 9. Better than its parent, node 3 (10). Worse than the best so far, node 2 (8).',
    });
  });

  test('says how a script failed', async () => {
    expect(await review({}, null)).toEqual({ is_bug: false, summary: 'It failed (timeout): ended at 60 s' });
  });

  test.each([
    [-1, true],
    [0, false],
  ])('an error of %d is a bug: %s', async (metric, isBug) => {
    expect(await review({}, metric)).toMatchObject({ is_bug: isBug });
  });
});

/** Names of the recipe's entries that differ. */
function differences(left: string, right: string): string[] {
  const one = readRecipe(left);
  const other = readRecipe(right);
  if (one === null || other === null) throw new Error('no recipe');
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => name !== 'origin');
  const entries = (recipe: typeof one): Map<string, string> =>
    new Map(Object.entries(recipe).map(([name, value]) => [name, JSON.stringify(value)]));
  return names.filter((name) => entries(one).get(name) !== entries(other).get(name));
}
