import type { Table } from '../table';
import type { BlendBlock, FeatureBlock, TargetBlock } from './block';

/** Columns that are combined with each other: pairs grow with the square of their number. */
const MOST_PAIRED = 4;

/** The numeric columns that ratios and products are made of. */
export function pairedColumns(table: Table): readonly string[] {
  return table.varied.slice(0, MOST_PAIRED);
}

export const TARGETS: readonly TargetBlock[] = [
  {
    kind: 'target',
    name: 'log',
    title: 'the logarithm of the target',
    keywords: { func: { raw: 'np.log1p' }, inverse_func: { raw: 'np.expm1' } },
    imports: [],
    leavesGaps: false,
    why: 'The target is never negative and has a long tail: on the logarithm, small and large values count alike.',
    worth: ({ table }) => {
      if (table.kind !== 'regression' || !table.target.nonNegative) return 0;
      if (table.metric.name === 'rmsle') return 95;
      return table.target.tail === 'high' ? 90 : 0;
    },
  },
  {
    kind: 'target',
    name: 'yeo_johnson',
    title: 'the target brought nearer to a bell curve',
    keywords: { transformer: { raw: 'PowerTransformer(method="yeo-johnson")' } },
    imports: ['from sklearn.preprocessing import PowerTransformer'],
    leavesGaps: true,
    why: 'A target shaped more like a bell curve is easier to fit evenly.',
    worth: ({ table }) =>
      table.kind === 'regression'
        ? table.target.tail === null || (table.target.tail === 'high' && table.target.nonNegative)
          ? 26
          : 85
        : 0,
  },
];

const combined = (sign: string, symbol: string, right: string): readonly string[] => [
  'for first, second in combinations(PAIRED, 2):',
  `    columns[f"{first} ${sign} {second}"] = columns[first] ${symbol} ${right}`,
];

export const FEATURES: readonly FeatureBlock[] = [
  {
    kind: 'features',
    name: 'date_parts',
    title: 'month, day and weekday of the dates',
    fromTheStart: true,
    lines: (table) =>
      table.dates.length === 0
        ? []
        : [
            'for name, formats in DATES.items():',
            '    moment = as_moment(table[name], formats)',
            '    columns[f"{name}: month"] = moment.dt.month.astype(float)',
            '    columns[f"{name}: day"] = moment.dt.day.astype(float)',
            '    columns[f"{name}: weekday"] = moment.dt.day_of_week.astype(float)',
          ],
    imports: [],
    why: 'What depends on the season or the day of the week does not show in a plain count of days.',
    worth: ({ table }) => (table.dates.length > 0 ? 60 : 0),
  },
  {
    kind: 'features',
    name: 'ratios',
    title: 'ratios of the numbers',
    fromTheStart: false,
    lines: () => combined('/', '/', 'columns[second].where(columns[second] != 0)'),
    imports: ['from itertools import combinations'],
    why: 'How large one number is beside another can say more than both alone.',
    worth: ({ table, recipe }) => (pairedColumns(table).length > 1 && recipe.model.expansion === null ? 50 : 0),
  },
  {
    kind: 'features',
    name: 'products',
    title: 'products of the numbers',
    fromTheStart: false,
    lines: () => combined('*', '*', 'columns[second]'),
    imports: ['from itertools import combinations'],
    why: 'Two numbers can act together, as width and height do.',
    worth: ({ table, recipe }) => (pairedColumns(table).length > 1 && recipe.model.family === 'linear' ? 49 : 0),
  },
  {
    kind: 'features',
    name: 'logarithms',
    title: 'logarithms of the numbers with a long tail',
    fromTheStart: false,
    lines: () => ['for name in SKEWED:', '    columns[f"log {name}"] = np.log1p(columns[name].clip(lower=0))'],
    imports: [],
    why: 'On the logarithm, differences between small values show beside the large ones.',
    worth: ({ table, recipe }) =>
      table.skewed.length > 0 && ['linear', 'curved', 'neighbors'].includes(recipe.model.family) ? 46 : 0,
  },
  {
    kind: 'features',
    name: 'missing_count',
    title: 'the number of missing fields in a row',
    fromTheStart: false,
    lines: () => ['columns["missing fields"] = table[CATEGORIES + NUMERIC].isna().sum(axis=1).astype(float)'],
    imports: [],
    why: 'Rows with many gaps may be of another kind.',
    worth: ({ table }) => (table.missing ? 28 : 0),
  },
];

export const BLENDS: readonly BlendBlock[] = [
  {
    kind: 'blend',
    name: 'average',
    title: 'the average of different models',
    most: 3,
    why: 'Models of different kinds make different mistakes, and their average makes smaller ones.',
    worth: () => 74,
  },
];
