import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { modelSettingSchema } from '../../src/domain/model-setting';
import { PURPOSES } from '../../src/domain/purpose';
import { parseRunSpec } from '../../src/domain/run-spec';
import { priceOf, readPriceList } from '../../src/llm/models/price-list';
import { readModelEndpoints } from '../../src/workers/model-endpoints';
import { readPage } from './documents';

const page = readPage('docs/models.md');
const [models, endpoints, prices] = page.blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-documents-'));
});

afterAll(() => rm(root, { recursive: true }));

async function fileWith(text: string | undefined): Promise<string> {
  const file = path.join(root, 'example.yaml');
  await writeFile(file, text ?? '');
  return file;
}

it('the example of models by role can be asked for', () => {
  expect(parseRunSpec({ task: '.', models: parse(models ?? '') as unknown })).toMatchObject({ ok: true });
});

it('every role and every setting of a model is explained', () => {
  const named = [...PURPOSES, ...Object.keys(modelSettingSchema.shape)];
  expect(named.filter((name) => !page.spans.includes(name))).toEqual([]);
});

it('the example of endpoints is read', async () => {
  const { reached } = await readModelEndpoints({
    COPPICE_ENDPOINTS: await fileWith(endpoints),
    OPENROUTER_API_KEY: 'key',
  });
  expect(reached.slice(1)).toEqual([
    { name: 'openrouter.ai-api-v1', requestsPerMinute: 60 },
    { name: 'localhost-8000', requestsPerMinute: null },
  ]);
});

it('the example of prices is read', async () => {
  const list = await readPriceList({ COPPICE_PRICES: await fileWith(prices) });
  expect(priceOf(list, 'my-model')).toEqual({ input: 0.5, cachedInput: 0.05, output: 1.5 });
  expect(priceOf(list, 'deepseek/deepseek-chat')).toEqual({ input: 0.3, output: 0.5 });
});
