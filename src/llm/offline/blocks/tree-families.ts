import { call } from '../python';
import type { FamilyBlock, SettingChange, Settings } from './block';
import { balanced, TREES_PREFER, treeEnsemble, untouched } from './family-settings';

const tree: FamilyBlock = {
  kind: 'family',
  name: 'tree',
  title: 'a decision tree',
  about: 'Questions about one column at a time, until the rows left are few and alike.',
  rank: 1,
  complete: true,
  prefers: TREES_PREFER,
  rows: 1_000_000,
  lighter: { max_depth: 6 },
  estimator: (table, settings, extra) =>
    call(
      {
        module: 'sklearn.tree',
        name: table.kind === 'regression' ? 'DecisionTreeRegressor' : 'DecisionTreeClassifier',
      },
      { min_samples_leaf: 20, ...settings, ...extra, random_state: { raw: 'SEED' } },
    ),
  changes: [
    balanced,
    {
      name: 'smaller_leaves',
      why: 'More questions follow finer differences between the rows.',
      settings: { min_samples_leaf: 8 },
      worth: untouched('min_samples_leaf', 63),
    },
    {
      name: 'larger_leaves',
      why: 'A leaf with more rows gives a steadier prediction.',
      settings: { min_samples_leaf: 40 },
      worth: untouched('min_samples_leaf', 61),
    },
  ],
  vary: (random): Settings => ({
    min_samples_leaf: random.pick([5, 12, 16, 25, 30, 60]),
    max_depth: random.pick([4, 6, 8, 10, 14]),
  }),
};

const forestChanges: readonly SettingChange[] = [
  balanced,
  {
    name: 'fewer_columns',
    why: 'Trees that choose among fewer columns differ more, and their average is steadier.',
    settings: { max_features: 0.3 },
    worth: untouched('max_features', 64),
  },
  {
    name: 'full_trees',
    why: 'Trees grown to single rows have no bias of their own; the average takes care of their noise.',
    settings: { min_samples_leaf: 1 },
    worth: untouched('min_samples_leaf', 70),
  },
  {
    name: 'larger_leaves',
    why: 'A leaf with more rows gives a steadier prediction.',
    settings: { min_samples_leaf: 5 },
    worth: untouched('min_samples_leaf', 66),
  },
  {
    name: 'more_trees',
    why: 'The average of more trees is steadier.',
    settings: { n_estimators: 100 },
    worth: untouched('n_estimators', 35),
  },
];

const varyForest: FamilyBlock['vary'] = (random) => ({
  max_features: random.pick([0.2, 0.4, 0.6, 0.8]),
  min_samples_leaf: random.pick([1, 2, 3, 4, 8]),
  n_estimators: random.pick([60, 80, 100]),
});

const forest: FamilyBlock = {
  kind: 'family',
  name: 'forest',
  title: 'a random forest',
  about: 'The average of many deep trees, each grown on a random draw of the rows.',
  rank: 6,
  complete: true,
  prefers: TREES_PREFER,
  rows: 50_000,
  lighter: { n_estimators: 20, min_samples_leaf: 10 },
  estimator: treeEnsemble('RandomForest', { n_estimators: 40, min_samples_leaf: 2, max_features: 0.5, n_jobs: 1 }),
  changes: forestChanges,
  vary: varyForest,
};

const extraTrees: FamilyBlock = {
  kind: 'family',
  name: 'extra_trees',
  title: 'extremely random trees',
  about: 'The average of many deep trees that split at random places.',
  rank: 4,
  complete: true,
  prefers: TREES_PREFER,
  rows: 50_000,
  lighter: { n_estimators: 20, min_samples_leaf: 10 },
  estimator: treeEnsemble('ExtraTrees', {
    n_estimators: 60,
    min_samples_leaf: 2,
    max_features: { raw: '1.0' },
    n_jobs: 1,
  }),
  changes: forestChanges,
  vary: varyForest,
};

export const TREE_FAMILIES: readonly FamilyBlock[] = [tree, extraTrees, forest];
