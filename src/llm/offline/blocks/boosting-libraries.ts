import type { PythonValue } from '../python';
import { call, indent } from '../python';
import type { Table } from '../table';
import type { FamilyBlock, SettingChange, Settings } from './block';
import { BOOSTING_PREFERS, largerLeaves, penalisedLeaves, randomColumns, slowerLearning } from './boosting-changes';
import { balanced } from './family-settings';

/** Settings that both libraries have under one name. */
const SHARED_CHANGES: readonly SettingChange[] = [
  ...slowerLearning('n_estimators'),
  randomColumns('colsample_bytree', 'each'),
];

const SHARED = {
  kind: 'family',
  complete: false,
  prefers: BOOSTING_PREFERS,
  rows: 1_000_000,
  lighter: { n_estimators: 40, learning_rate: 0.2 },
} as const;

/** Each step grows a tree for every class, so several classes get fewer steps. */
function steps(table: Table): number {
  return table.kind === 'multiclass' ? 50 : 150;
}

const lightgbm: FamilyBlock = {
  ...SHARED,
  name: 'lightgbm',
  title: 'gradient boosting by LightGBM',
  about: 'Small trees grown leaf by leaf, each on what those before it got wrong.',
  rank: 8,
  needs: ['lightgbm'],
  insteadOf: { families: ['boosting', 'xgboost'], worth: 72 },
  estimator: (table, settings, extra) =>
    call(
      { module: 'lightgbm', name: `LGBM${table.kind === 'regression' ? 'Regressor' : 'Classifier'}` },
      {
        ...{ n_estimators: steps(table), learning_rate: 0.1, n_jobs: 1, verbosity: -1, deterministic: true },
        ...settings,
        ...extra,
        random_state: { raw: 'SEED' },
      },
    ),
  changes: [balanced, ...SHARED_CHANGES, largerLeaves('min_child_samples', 40), penalisedLeaves('reg_lambda', 5)],
  vary: (random): Settings => ({
    learning_rate: random.pick([0.02, 0.03, 0.05, 0.07]),
    n_estimators: random.pick([150, 200, 300, 400]),
    num_leaves: random.pick([8, 12, 20, 31, 45]),
    min_child_samples: random.pick([5, 10, 20, 30, 60]),
    colsample_bytree: random.pick([0.3, 0.5, 0.7, 0.9]),
  }),
};

const xgboost: FamilyBlock = {
  ...SHARED,
  name: 'xgboost',
  title: 'gradient boosting by XGBoost',
  about: 'Small trees grown level by level, each on what those before it got wrong, with a penalty on large leaves.',
  rank: 9,
  needs: ['xgboost', 'xgboost-cpu'],
  insteadOf: { families: ['boosting', 'lightgbm'], worth: 66 },
  estimator: (table, settings, extra) => {
    const keywords: Readonly<Record<string, PythonValue | { readonly raw: string }>> = {
      ...{ n_estimators: steps(table), learning_rate: 0.1, max_depth: 5, n_jobs: 1, verbosity: 0 },
      ...settings,
      ...extra,
      random_state: { raw: 'SEED' },
    };
    if (table.kind === 'regression') return call({ module: 'xgboost', name: 'XGBRegressor' }, keywords);
    const trees = call({ module: 'xgboost', name: 'XGBClassifier' }, keywords);
    return {
      // XGBoost takes only classes that are numbered from 0 without gaps, and a vote of one numbers them.
      code: `VotingClassifier(\n${indent(`[("trees", ${trees.code})],\nvoting="soft",`, 4)}\n)`,
      imports: [...trees.imports, 'from sklearn.ensemble import VotingClassifier'],
    };
  },
  changes: [...SHARED_CHANGES, largerLeaves('min_child_weight', 10), penalisedLeaves('reg_lambda', 10)],
  vary: (random): Settings => ({
    learning_rate: random.pick([0.02, 0.03, 0.05, 0.07]),
    n_estimators: random.pick([150, 200, 300, 400]),
    max_depth: random.pick([3, 4, 6, 8]),
    min_child_weight: random.pick([1, 3, 10, 30]),
    colsample_bytree: random.pick([0.3, 0.5, 0.7, 0.9]),
  }),
};

/** Boosting by libraries of their own: offered only where they are installed. */
export const BOOSTING_LIBRARIES: readonly FamilyBlock[] = [lightgbm, xgboost];
