import type { FamilyBlock, Settings } from './block';
import { BOOSTING_PREFERS, largerLeaves, penalisedLeaves, randomColumns, slowerLearning } from './boosting-changes';
import { balanced, treeEnsemble, untouched } from './family-settings';

export const boosting: FamilyBlock = {
  kind: 'family',
  name: 'boosting',
  title: 'gradient boosting',
  about: 'Small trees grown one after another, each on what those before it got wrong.',
  rank: 3,
  complete: false,
  prefers: BOOSTING_PREFERS,
  rows: 1_000_000,
  lighter: { max_iter: 40, learning_rate: 0.2 },
  // Each step grows a tree for every class, so several classes get fewer steps.
  estimator: (table, settings, extra) =>
    treeEnsemble('HistGradientBoosting', {
      learning_rate: 0.1,
      max_iter: table.kind === 'multiclass' ? 50 : 100,
      early_stopping: false,
    })(table, settings, extra),
  changes: [
    balanced,
    ...slowerLearning('max_iter'),
    {
      name: 'absolute_loss',
      why: 'The metric is an absolute error, so the model can be trained on just that.',
      settings: { loss: 'absolute_error' },
      worth: ({ table, recipe }) =>
        /^ma(e|pe)$/.test(table.metric.name) && recipe.target === null && !('loss' in recipe.model.settings) ? 60 : 0,
    },
    randomColumns('max_features', 'at each split'),
    {
      name: 'smaller_trees',
      why: 'Smaller trees are harder to fool by noise.',
      settings: { max_leaf_nodes: 15 },
      worth: untouched('max_leaf_nodes', 58),
    },
    largerLeaves('min_samples_leaf', 40),
    penalisedLeaves('l2_regularization', 5),
    {
      name: 'more_trees',
      why: 'The slower model may not have finished learning.',
      settings: { max_iter: 600 },
      worth: ({ recipe }) => (recipe.model.settings['max_iter'] === 300 ? 52 : 0),
    },
    {
      name: 'fewer_trees',
      why: 'The model may have begun to learn noise.',
      settings: { max_iter: 150 },
      worth: ({ recipe }) => (recipe.model.settings['max_iter'] === 300 ? 51 : 0),
    },
    {
      name: 'larger_trees',
      why: 'Larger trees can follow deeper interactions.',
      settings: { max_leaf_nodes: 63 },
      worth: ({ table, recipe }) => (table.rows >= 5000 && !('max_leaf_nodes' in recipe.model.settings) ? 48 : 0),
    },
    {
      name: 'poisson_loss',
      why: 'For a target that is never negative, errors in proportion to its size can matter more.',
      settings: { loss: 'poisson' },
      worth: ({ table, recipe }) =>
        table.kind === 'regression' &&
        table.target.nonNegative &&
        recipe.target === null &&
        !('loss' in recipe.model.settings)
          ? 25
          : 0,
    },
  ],
  vary: (random): Settings => ({
    learning_rate: random.pick([0.02, 0.03, 0.05, 0.07, 0.1]),
    max_iter: random.pick([150, 200, 300, 400, 500]),
    max_leaf_nodes: random.pick([8, 12, 20, 31, 45]),
    min_samples_leaf: random.pick([5, 10, 20, 30, 60]),
    max_features: random.pick([0.3, 0.5, 0.7, 0.9]),
  }),
};
