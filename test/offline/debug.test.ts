import { ALL_BLOCKS } from '../../src/llm/offline/blocks/block-list';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import type { ParentFacts } from '../../src/llm/offline/facts';
import { readRecipe, recipeKey, type Recipe } from '../../src/llm/offline/recipe';
import { DRAFT_FACTS, failedParent, triedNode } from './support/facts';
import { askOffline } from './support/offline-search';

const traceback = (error: string, frame = 'score = cross_validate(columns, target)'): string =>
  `Traceback (most recent call last):\n  File "solution.py", line 90, in <module>\n    ${frame}\n${error}\n`;

/** A script with a bit of everything, so that each failure has something to repair. */
async function patient(change: (recipe: Recipe) => Recipe = (recipe) => recipe): Promise<string> {
  const { code } = await askOffline({ ...DRAFT_FACTS, nodeId: 3 });
  const recipe = recipeOf(code);
  const rich = change({ ...recipe, target: 'log', features: ['date_parts', 'ratios'] });
  return code.replace(/^# recipe: .*$/m, () => `# recipe: ${JSON.stringify(rich)}`);
}

function recipeOf(code: string): Recipe {
  const recipe = readRecipe(code);
  if (recipe === null) throw new Error('no recipe');
  return recipe;
}

async function debug(parent: ParentFacts, tried: readonly string[] = []): Promise<{ plan: string; recipe: Recipe }> {
  const { plan, code } = await askOffline({
    ...DRAFT_FACTS,
    nodeId: 9,
    operator: 'debug',
    parent,
    tried: tried.map((known, index) => triedNode(20 + index, 1, known, { status: 'failed', metric: null })),
  });
  return { plan, recipe: recipeOf(code) };
}

const FAILURES: readonly { readonly name: string; readonly parent: Partial<ParentFacts>; readonly output: string }[] = [
  { name: 'a time-out', parent: { reason: 'timeout', message: 'ended at its limit of 60 s' }, output: 'fold 1 of 5' },
  { name: 'too little memory', parent: { reason: 'out_of_memory', message: 'ran out of memory' }, output: '' },
  { name: 'unmatched ids', parent: { reason: 'bad_submission', message: '12 of 500 ids are missing' }, output: '' },
  { name: 'an absent column', parent: {}, output: traceback("KeyError: 'height'") },
  { name: 'another absent column', parent: {}, output: traceback("KeyError: 'colour'") },
  {
    name: 'a class with too few rows',
    parent: {},
    output: traceback('ValueError: n_splits=5 cannot be greater than the number of members in each class.'),
  },
  {
    name: 'a logarithm of a negative number',
    parent: {},
    output: traceback('ValueError: Input y contains NaN.', 'RuntimeWarning: invalid value encountered in log1p'),
  },
  { name: 'missing numbers', parent: {}, output: traceback('ValueError: Input X contains NaN.') },
  {
    name: 'an unknown category',
    parent: {},
    output: traceback("ValueError: Found unknown categories ['blue'] in column 0 during transform"),
  },
  {
    name: 'a missing module',
    parent: {},
    output: traceback(
      "ImportError: cannot import name 'HistGradientBoostingRegressor' from 'sklearn.ensemble'",
      'from sklearn.ensemble import HistGradientBoostingRegressor',
    ),
  },
  { name: 'a failure that no rule knows', parent: {}, output: traceback('ZeroDivisionError: division by zero') },
];

test('another error makes another debug, and each says what it saw', async () => {
  const code = await patient();
  const before = recipeKey(recipeOf(code));
  const repairs = await Promise.all(FAILURES.map(({ parent, output }) => debug(failedParent(code, output, parent))));
  const keys = repairs.map(({ recipe }) => recipeKey(recipe));
  expect(keys).not.toContain(before);
  expect(new Set(keys).size).toBe(FAILURES.length);
  const evidence = ['60 s', 'out of memory', '12 of 500', 'height', 'colour', 'n_splits', 'Input y', 'Input X'];
  evidence.forEach((words, index) => {
    expect(repairs[index]?.plan).toContain(words);
  });
});

test.each([
  ['an absent column', (recipe: Recipe) => recipe.without, ['height']],
  ['a logarithm of a negative number', (recipe: Recipe) => recipe.target, null],
  ['missing numbers', (recipe: Recipe) => recipe.model.missing, 'median'],
  ['unmatched ids', (recipe: Recipe) => recipe.matching, 'row'],
  ['a class with too few rows', (recipe: Recipe) => recipe.folds, 3],
  ['a missing module', (recipe: Recipe) => recipe.model.family === 'boosting', false],
  ['an unknown category', (recipe: Recipe) => recipe.model.categories, 'one_hot'],
] as const)('%s is repaired where it hurts', async (name, read, expected) => {
  const failure = FAILURES.find((candidate) => candidate.name === name);
  const { recipe } = await debug(failedParent(await patient(), failure?.output ?? '', failure?.parent));
  expect(read(recipe)).toEqual(expected);
});

test('the same error again leads on to another remedy, until the script is of another kind', async () => {
  const keys = new Set<string>();
  let code = await patient();
  const families = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const parent = failedParent(code, '', { id: round + 1, reason: 'timeout', message: 'ended at its limit' });
    const { code: next } = await askOffline({ ...DRAFT_FACTS, nodeId: round + 2, operator: 'debug', parent });
    code = next;
    keys.add(recipeKey(recipeOf(code)));
    families.add(recipeOf(code).model.family);
  }
  expect(keys.size).toBe(6);
  expect(families.size).toBeGreaterThan(1);
});

test('a remedy that a sibling has tried is not tried again', async () => {
  const code = await patient();
  const output = traceback('ValueError: Input X contains NaN.');
  const first = await askOffline({ ...DRAFT_FACTS, operator: 'debug', parent: failedParent(code, output) });
  const second = await debug(failedParent(code, output), [first.code]);
  expect(recipeKey(second.recipe)).not.toBe(recipeKey(recipeOf(first.code)));
});

test('a script of another hand is replaced by one that can be taken apart', async () => {
  const { plan, recipe } = await debug(
    failedParent('import torch\n', traceback("ModuleNotFoundError: No module named 'torch'")),
  );
  expect(plan).toContain('torch');
  expect(recipe.model.family).toBe('tree');
});

test('a failing column preparation is replaced also inside a blend', async () => {
  const other = {
    family: 'linear',
    settings: {},
    missing: 'median',
    scaling: 'standard',
    categories: 'one_hot',
    expansion: null,
    words: null,
    selection: null,
  };
  const code = await patient((recipe) => ({ ...recipe, target: null, blend: [other] }));
  const error = "ImportError: cannot import name 'Ridge' from 'sklearn.linear_model'";
  const { recipe } = await debug(failedParent(code, traceback(error)));
  expect(recipe.blend).toEqual([]);
  expect(recipe.model.family).toBe('boosting');
});

test('debugging works with few building blocks left', async () => {
  const model = createOfflineModel(ALL_BLOCKS.filter(({ kind, name }) => kind !== 'family' || name === 'tree'));
  const draft = await askOffline(DRAFT_FACTS, model);
  const parent = failedParent(draft.code, traceback('ZeroDivisionError: division by zero'));
  const repaired = await askOffline({ ...DRAFT_FACTS, nodeId: 2, operator: 'debug', parent }, model);
  expect(recipeKey(recipeOf(repaired.code))).not.toBe(recipeKey(recipeOf(draft.code)));
});
