import { call } from '../python';
import type { ColumnBlock, Situation } from './block';
import { isWide, numbersOf, SCALED_FAMILIES } from './column-situations';

/** One-hot columns stay few, however many values a category has. */
const MOST_ONE_HOT = 40;
/** Polynomial columns grow with the square of the columns. */
const MOST_POLYNOMIAL = 15;
const MOST_SPLINE = 40;

const whenCategories =
  (worth: number) =>
  ({ table }: Situation): number =>
    table.categories.length > 0 ? worth : 0;

const isScaled = ({ recipe }: Situation): boolean => SCALED_FAMILIES.has(recipe.model.family);
const imputer = { module: 'sklearn.impute', name: 'SimpleImputer' };

/** What happens to missing numbers. Missing categories are a category of their own in every script. */
const MISSING: readonly ColumnBlock[] = [
  {
    kind: 'missing',
    name: 'native',
    title: 'missing numbers left for the model to handle',
    families: ['boosting', 'lightgbm', 'xgboost'],
    steps: () => [],
    // Columns are compared with the target before a choice among very many, which takes complete ones.
    applies: (table) => !isWide(table),
    why: 'The trees can send rows with missing numbers to the better side of each split by themselves.',
    worth: ({ table }) => (table.missing ? 42 : 0),
  },
  {
    kind: 'missing',
    name: 'median',
    title: 'missing numbers filled with the median',
    steps: () => [call(imputer, { strategy: 'median', keep_empty_features: true })],
    why: 'The median is a plain stand-in for a missing number.',
    worth: ({ table }) => (table.missing ? 20 : 0),
  },
  {
    kind: 'missing',
    name: 'indicator',
    title: 'missing numbers filled with the median and marked in columns of their own',
    steps: () => [call(imputer, { strategy: 'median', keep_empty_features: true, add_indicator: true })],
    why: 'That a number is missing can itself tell something.',
    worth: ({ table }) => (table.missing ? 44 : 0),
  },
];

const SCALING: readonly ColumnBlock[] = [
  {
    kind: 'scaling',
    name: 'standard',
    title: 'numbers scaled to mean 0 and spread 1',
    steps: () => [call({ module: 'sklearn.preprocessing', name: 'StandardScaler' })],
    why: 'Columns on one scale are weighed fairly.',
    worth: (situation) => (isScaled(situation) ? 30 : 0),
  },
  {
    kind: 'scaling',
    name: 'quantile',
    title: 'numbers spread evenly by their rank',
    steps: ({ rows }) => [
      call(
        { module: 'sklearn.preprocessing', name: 'QuantileTransformer' },
        {
          n_quantiles: Math.max(10, Math.min(200, Math.floor(rows / 4))),
          output_distribution: 'normal',
          random_state: { raw: 'SEED' },
        },
      ),
    ],
    why: 'By rank, a few extreme values cannot outweigh all others.',
    worth: (situation) => (isScaled(situation) ? 45 : 0),
  },
];

const CATEGORIES: readonly ColumnBlock[] = [
  {
    kind: 'categories',
    name: 'one_hot',
    title: 'a column of 0 and 1 for each category',
    steps: () => [
      call(
        { module: 'sklearn.preprocessing', name: 'OneHotEncoder' },
        { handle_unknown: 'infrequent_if_exist', min_frequency: 5, max_categories: MOST_ONE_HOT, sparse_output: false },
      ),
    ],
    why: 'A column for each category lets the model treat every one on its own.',
    worth: whenCategories(39),
  },
  {
    kind: 'categories',
    name: 'ordinal',
    title: 'categories as numbers',
    steps: () => [
      call(
        { module: 'sklearn.preprocessing', name: 'OrdinalEncoder' },
        { handle_unknown: 'use_encoded_value', unknown_value: -1 },
      ),
    ],
    why: 'Trees can split numbered categories and need only one column for it.',
    worth: (situation) => (isScaled(situation) ? 0 : whenCategories(22)(situation)),
  },
  {
    kind: 'categories',
    name: 'target_mean',
    title: 'categories replaced by the mean target of their rows',
    steps: (table) => {
      const splitter = table.kind === 'regression' ? 'KFold' : 'StratifiedKFold';
      const cv = { raw: `${splitter}(n_splits=5, shuffle=True, random_state=SEED)` };
      const { code, imports } = call({ module: 'sklearn.preprocessing', name: 'TargetEncoder' }, { cv });
      return [{ code, imports: [...imports, `from sklearn.model_selection import ${splitter}`] }];
    },
    why: 'The mean target of a category puts the categories into an order that means something.',
    worth: whenCategories(40),
  },
  {
    kind: 'categories',
    name: 'native_categories',
    title: 'categories left for the trees to group',
    families: ['boosting'],
    steps: () => [
      call(
        { module: 'sklearn.preprocessing', name: 'OrdinalEncoder' },
        { handle_unknown: 'use_encoded_value', unknown_value: { raw: 'np.nan' }, max_categories: 200 },
      ),
    ],
    modelKeywords: { categorical_features: { raw: 'list(range(len(CATEGORIES)))' } },
    why: 'The trees can find groups of categories by themselves, whatever their order.',
    worth: whenCategories(53),
  },
];

const EXPANSIONS: readonly ColumnBlock[] = [
  {
    kind: 'expansion',
    name: 'polynomial',
    title: 'squares and products of the numbers',
    families: ['curved'],
    steps: () => [
      call({ module: 'sklearn.preprocessing', name: 'StandardScaler' }),
      call({ module: 'sklearn.preprocessing', name: 'PolynomialFeatures' }, { degree: 2, include_bias: false }),
    ],
    why: 'Squares and products let a linear model bend and see how two columns act together.',
    applies: (table) => numbersOf(table) > 0 && numbersOf(table) <= MOST_POLYNOMIAL,
    worth: () => 80,
  },
  {
    kind: 'expansion',
    name: 'spline',
    title: 'smooth curves of each number',
    families: ['curved'],
    steps: () => [
      call(
        { module: 'sklearn.preprocessing', name: 'SplineTransformer' },
        { n_knots: 6, knots: 'quantile', extrapolation: 'linear' },
      ),
    ],
    why: 'Curves let a linear model follow effects that level off or turn.',
    applies: (table) => numbersOf(table) > 0 && numbersOf(table) <= MOST_SPLINE,
    worth: () => 80,
  },
];

export const COLUMN_BLOCKS: readonly ColumnBlock[] = [...MISSING, ...SCALING, ...CATEGORIES, ...EXPANSIONS];
