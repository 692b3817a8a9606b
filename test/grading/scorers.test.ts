import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { knownDirection, knownMetrics, scorerOf } from '../../src/domain/metrics';
import { environmentPython } from '../offline/support/run-script';

const GRADING = path.resolve(__dirname, '..', '..', 'python', 'grading');

test('every scorer says what scikit-learn says', async () => {
  const script = path.join(__dirname, 'scorers_against_sklearn.py');
  const { stdout } = await promisify(execFile)(environmentPython(), ['-B', script, GRADING]);
  const compared = z.array(z.tuple([z.string(), z.number(), z.number()])).parse(JSON.parse(stdout));
  const apart = compared.filter(
    ([, ours, theirs]) => !(Math.abs(ours - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs))),
  );
  expect(apart).toEqual([]);
  const names = new Set(compared.map(([name]) => name.split(' ')[0]));
  const scorers = knownMetrics().flatMap((metric) => scorerOf(metric)?.name ?? []);
  expect(scorers.filter((name) => !names.has(name))).toEqual([]);
});

test.each([
  ['ROC AUC', 'roc_auc', null],
  ['quadratic weighted kappa', 'qwk', null],
  ['Log-Loss', 'log_loss', null],
  ['F1 Score', 'f1', null],
  ['mean absolute error', 'mae', null],
  ['MAP@12', 'map', 12],
  ['map at 3', 'map', 3],
])('%s is scored as %s', (metric, name, depth) => {
  expect(scorerOf(metric)).toMatchObject({ name, depth });
});

test('a metric without a scorer may still have a known direction', () => {
  expect([scorerOf('ndcg'), scorerOf('constructor'), scorerOf('map@0')]).toEqual([null, null, null]);
  expect([knownDirection('ndcg'), knownDirection('map@5'), knownDirection('wizardry')]).toEqual([
    'maximize',
    'maximize',
    null,
  ]);
});
