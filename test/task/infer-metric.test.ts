import { directionInText, metricInText } from '../../src/task/infer-metric';

test.each([
  ['Submissions are evaluated on the root mean squared logarithmic error.', 'rmsle'],
  ['Submissions are evaluated on area under the ROC curve between the two.', 'roc_auc'],
  ['## Evaluation\n\nThe RMSE of all rows.\n\n## Hints\n\nAccuracy matters little.', 'rmse'],
  ['Accuracy is nice. Entries are scored by quadratic weighted kappa.', 'qwk'],
  ['Scores are measured by MAP@12 of the lists.', 'map@12'],
  ['The metric is the macro F1-score.', 'f1_macro'],
  ['Entries are judged by balanced accuracy, not plain accuracy of course', null],
  ['Scored by log loss. Earlier it was evaluated using the mean absolute error.', null],
])('%s', (text, metric) => {
  const found = metricInText(text);
  if (metric === null) expect(found.status).toBe('several');
  else expect(found).toMatchObject({ status: 'found', named: { metric } });
});

test('a text without a metric has none, also where its words are parts of others', () => {
  expect(metricInText('A map of the area. We came across mae west and r 2 units.').status).not.toBe('several');
  expect(metricInText('Predict what you like.')).toEqual({ status: 'none' });
});

test('the direction is taken from words only where they agree', () => {
  expect(directionInText('Lower values are better.')).toMatchObject({ direction: 'minimize' });
  expect(directionInText('Please maximise profit.')).toMatchObject({ direction: 'maximize' });
  expect(directionInText('Higher is better, lower is better.')).toBeNull();
});
