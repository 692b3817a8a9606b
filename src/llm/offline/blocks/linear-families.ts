import { call } from '../python';
import type { FamilyBlock, SettingChange, Settings } from './block';
import { balanced, classesOnly, regressionOnly, SCALED, untouched } from './family-settings';

const linearEstimator: FamilyBlock['estimator'] = (table, settings, extra) =>
  table.kind === 'regression'
    ? call({ module: 'sklearn.linear_model', name: 'Ridge' }, { alpha: 1, ...settings, ...extra })
    : call(
        { module: 'sklearn.linear_model', name: 'LogisticRegression' },
        { C: 1, max_iter: 1000, ...settings, ...extra },
      );

const STRONGER = 'Smaller weights carry over better to new rows when columns are many or noisy.';
const WEAKER = 'The penalty may hold back weights that the data supports.';

const linearChanges: readonly SettingChange[] = [
  balanced,
  {
    name: 'stronger_penalty',
    why: STRONGER,
    settings: { alpha: 10 },
    worth: regressionOnly(untouched('alpha', 36)),
  },
  {
    name: 'weaker_penalty',
    why: WEAKER,
    settings: { alpha: 0.1 },
    worth: regressionOnly(untouched('alpha', 35)),
  },
  {
    name: 'stronger_penalty_classes',
    why: STRONGER,
    settings: { C: 0.1 },
    worth: classesOnly(untouched('C', 36)),
  },
  {
    name: 'weaker_penalty_classes',
    why: WEAKER,
    settings: { C: 10 },
    worth: classesOnly(untouched('C', 35)),
  },
];

const varyLinear: FamilyBlock['vary'] = (random, table): Settings =>
  table.kind === 'regression'
    ? { alpha: random.pick([0.01, 0.03, 0.3, 3, 30, 100, 300]) }
    : { C: random.pick([0.01, 0.03, 0.3, 3, 30]) };

const linear: FamilyBlock = {
  kind: 'family',
  name: 'linear',
  title: 'a linear model',
  about: 'A weighted sum of the columns, with large weights held back.',
  rank: 2,
  complete: true,
  prefers: SCALED,
  rows: 200_000,
  lighter: {},
  estimator: linearEstimator,
  changes: linearChanges,
  vary: varyLinear,
};

const curved: FamilyBlock = {
  ...linear,
  name: 'curved',
  title: 'a linear model of curves',
  about: 'A weighted sum of columns that are bent and combined first, with large weights held back.',
  rank: 5,
  prefers: { ...SCALED, expansion: ['polynomial', 'spline'] },
  rows: 50_000,
};

const neighbors: FamilyBlock = {
  kind: 'family',
  name: 'neighbors',
  title: 'nearest neighbours',
  about: 'The average over the most similar rows, nearer ones counting more.',
  rank: 7,
  complete: true,
  prefers: SCALED,
  rows: 20_000,
  lighter: { n_neighbors: 5 },
  estimator: (table, settings, extra) =>
    call(
      {
        module: 'sklearn.neighbors',
        name: table.kind === 'regression' ? 'KNeighborsRegressor' : 'KNeighborsClassifier',
      },
      { n_neighbors: 15, weights: 'distance', ...settings, ...extra },
    ),
  changes: [
    {
      name: 'more_neighbours',
      why: 'The average over more rows is steadier.',
      settings: { n_neighbors: 30 },
      worth: untouched('n_neighbors', 45),
    },
    {
      name: 'fewer_neighbours',
      why: 'Fewer rows are more alike.',
      settings: { n_neighbors: 7 },
      worth: untouched('n_neighbors', 44),
    },
  ],
  vary: (random): Settings => ({ n_neighbors: random.pick([3, 5, 10, 20, 40, 60]) }),
};

export const LINEAR_FAMILIES: readonly FamilyBlock[] = [linear, curved, neighbors];
