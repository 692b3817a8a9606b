import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { costOf } from '../../src/domain/price';
import { ModelProblem } from '../../src/llm/models/model-problem';
import { priceOf, readPriceList } from '../../src/llm/models/price-list';
import { settleModels } from '../../src/llm/models/resolve-models';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-prices-'));
});

afterAll(() => rm(root, { recursive: true }));

async function writePrices(name: string, text: string): Promise<string> {
  const file = path.join(root, name);
  await writeFile(file, text);
  return file;
}

test('the shipped prices know well-known models, with their dated names, and no others', async () => {
  const prices = await readPriceList({});

  expect(prices.version).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(priceOf(prices, 'gpt-5')).toEqual({ input: 1.25, cachedInput: 0.125, output: 10 });
  expect(priceOf(prices, 'gpt-5-2025-08-07')).toEqual(priceOf(prices, 'gpt-5'));
  expect(priceOf(prices, 'gpt-5-mini-2025-08-07')).toEqual(priceOf(prices, 'gpt-5-mini'));
  expect(priceOf(prices, 'claude-sonnet-4-5-20250929')).toMatchObject({ input: 3, output: 15 });
  expect(priceOf(prices, 'gpt-5-unheard-of')).toBeNull();
  expect(priceOf(prices, 'my-model')).toBeNull();
  expect(priceOf(prices, 'constructor')).toBeNull();
});

test('a file of their own adds and overrides; there too an exact name wins, then the longest begin', async () => {
  const file = await writePrices(
    'own.yaml',
    `models:
  my-*: { input: 1, output: 2 }
  my-large-*: { input: 3, output: 4 }
  my-large-9: { input: 5, output: 6 }
  gpt-5: { input: 0.5, output: 1 }
`,
  );
  const prices = await readPriceList({ COPPICE_PRICES: file });
  const inputs = ['my-x', 'my-large-8', 'my-large-9', 'gpt-5', 'gpt-4.1'].map((name) => priceOf(prices, name)?.input);

  expect(inputs).toEqual([1, 3, 5, 0.5, 2]);
});

test.each([
  [
    'a price that is none',
    'models: { m: { input: dear, output: 1 } }',
    /own-0\.yaml \(COPPICE_PRICES\): \$\.models\.m\.input/,
  ],
  ['an unknown key', 'models: { m: { input: 1, output: 1, cached: 1 } }', /\$\.models\.m: Unrecognized key.*cached/],
  ['a name with a star inside', 'models: { "a*b": { input: 1, output: 1 } }', /a\*b/],
  ['no models', 'prices: {}', /\$\.models/],
  ['no YAML', 'models: [', /is not YAML/],
])('a file with %s is refused with the place', async (_what, text, message) => {
  const file = await writePrices('own-0.yaml', text);

  await expect(readPriceList({ COPPICE_PRICES: file })).rejects.toThrow(message);
  await expect(readPriceList({ COPPICE_PRICES: file })).rejects.toBeInstanceOf(ModelProblem);
});

test('a file that is not there is an answer of the resolution, not an exception', async () => {
  const COPPICE_PRICES = path.join(root, 'nowhere.yaml');

  expect(await settleModels({ models: {}, limits: {} }, { COPPICE_PRICES })).toEqual({
    ok: false,
    message: expect.stringMatching(/nowhere\.yaml \(COPPICE_PRICES\) cannot be read: .*ENOENT/) as string,
  });
});

test('a call costs by its tokens, the cached ones less', () => {
  const price = { input: 2, cachedInput: 0.5, output: 10 };
  const tokens = { promptTokens: 1_000_000, completionTokens: 100_000, cachedTokens: 400_000 };

  expect(costOf(price, tokens)).toBeCloseTo(1.2 + 0.2 + 1, 10);
  expect(costOf({ input: 2, output: 10 }, tokens)).toBeCloseTo(3, 10);
  expect(costOf(price, { ...tokens, cachedTokens: 2_000_000 })).toBeCloseTo(1.5, 10);
});
