import { forecastOf } from '../../src/cli/forecast';
import { missingKeyNote, modelLines } from '../../src/cli/model-lines';
import { unpolledInWords } from '../../src/cli/worker-presence';
import { modelRoutes } from '../../src/domain/resolved-model';
import { NO_USAGE } from '../../src/domain/usage';
import { offlineModels } from '../../src/llm/models/resolve-models';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';

const LARGE = resolvedModel({
  name: 'large',
  endpoint: 'api.example.com',
  price: { input: 1.25, cachedInput: 0.125, output: 10 },
});
const SPARE = resolvedModel({ name: 'spare', endpoint: 'localhost-8080', keyVariable: 'SPARE_KEY' });
const LIMITS = { script: 60 };

describe('the header of a run', () => {
  test('tells models, prices and cap', () => {
    const lines = modelLines(resolvedModels(LARGE), { ...LIMITS, cost: 5, tokens: 2_000_000 });

    expect(lines).toEqual([
      'model      large at api.example.com',
      'price      large $1.25 in, $0.125 cached, $10 out for a million tokens',
      'cap        $5.00 and 2,000,000 tokens',
    ]);
  });

  test('tells roles, fallbacks, unknown prices and that nothing is capped', () => {
    const models = resolvedModels(LARGE, { review: [SPARE, LARGE], digest: [SPARE, LARGE] });

    expect(modelLines(models, LIMITS)).toEqual([
      'model      large at api.example.com; review, digest: spare at localhost-8080, else large at api.example.com',
      'price      large $1.25 in, $0.125 cached, $10 out for a million tokens; no price is known for spare, so that ' +
        'only tokens are counted (a file named by COPPICE_PRICES tells it)',
      'cap        none; --max-cost or --max-tokens sets one',
    ]);
  });

  test('has nothing to tell of money without a language model', () => {
    expect(modelLines(offlineModels(), { ...LIMITS, cost: 5 })).toEqual([]);
  });
});

test('keys of their own that are not set here are named once; the usual one is not', () => {
  const models = resolvedModels(LARGE, { review: [SPARE], report: [SPARE] });

  expect(missingKeyNote(models, {})).toMatch(/^SPARE_KEY is not set here/);
  expect(missingKeyNote(models, { SPARE_KEY: 'key' })).toBeNull();
  expect(missingKeyNote(resolvedModels(LARGE), {})).toBeNull();
});

describe('queues that nobody polls', () => {
  const routes = modelRoutes(resolvedModels(LARGE, { review: [LARGE, SPARE] }));
  const alone = modelRoutes(resolvedModels(LARGE, { review: [SPARE] }));

  test.each([
    ['none', [], routes, null],
    ['a fallback', ['coppice-model-localhost-8080'], routes, /^no worker polls .*localhost-8080: the next models/],
    ["a role's only model", ['coppice-model-localhost-8080'], alone, /localhost-8080: the run waits/],
    ['a model without which other roles stand still', ['coppice-model-api.example.com'], routes, /com: the run waits/],
    [
      'a fallback and the scripts',
      ['coppice-model-localhost-8080', 'coppice-exec'],
      routes,
      /^no worker polls coppice-exec: the run waits/,
    ],
  ])('%s', (_what, unpolled, of, words) => {
    const told = unpolledInWords(unpolled, of);

    if (words === null) expect(told).toBeNull();
    else expect(told).toMatch(words);
  });
});

describe('the forecast', () => {
  const usage = { ...NO_USAGE, promptTokens: 3000, completionTokens: 1000, costUsd: 0.5 };

  test('is the mean of the recorded nodes times the steps left', () => {
    expect(forecastOf({ done: 4, total: 10 }, usage, 40)).toEqual({
      steps: 6,
      tokens: 6000,
      costUsd: 0.75,
      seconds: 60,
    });
  });

  test('knows no cost where the past has none, and nothing before the third node', () => {
    expect(forecastOf({ done: 4, total: 10 }, { ...usage, costUsd: null }, 40)?.costUsd).toBeNull();
    expect(forecastOf({ done: 2, total: 10 }, usage, 40)).toBeNull();
    expect(forecastOf({ done: 3, total: 10 }, usage, 40)).not.toBeNull();
  });
});
