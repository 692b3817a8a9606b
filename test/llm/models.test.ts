import { isOffline, modelRoutes, type ResolvedModels } from '../../src/domain/resolved-model';
import { PURPOSES } from '../../src/domain/purpose';
import { runSpecSchema, type RunSpecInput } from '../../src/domain/run-spec';
import { baseUrlOf, endpointName, endpointOf, type Environment } from '../../src/llm/endpoint';
import type { PriceList } from '../../src/llm/models/price-list';
import { resolveModels } from '../../src/llm/models/resolve-models';

const KEY = { OPENAI_API_KEY: 'key' };
const PRICES: PriceList = { version: '2025-01-01', sources: [new Map([['large', { input: 2, output: 8 }]])] };

function resolve(models: RunSpecInput['models'], environment: Environment, cost?: number) {
  const spec = runSpecSchema.parse({ task: '.', models });
  return resolveModels(spec.models, { environment, prices: PRICES, limits: cost === undefined ? {} : { cost } });
}

function resolved(models: RunSpecInput['models'], environment: Environment, cost?: number): ResolvedModels {
  const resolution = resolve(models, environment, cost);
  if (!resolution.ok) throw new Error(resolution.message);
  return resolution.models;
}

function namesOf(models: RunSpecInput['models'], environment: Environment): Record<string, string[]> {
  const all = resolved(models, environment);
  return Object.fromEntries(PURPOSES.map((role) => [role, all[role].map(({ name }) => name)]));
}

describe('the models of a run', () => {
  test('are the offline one for every role when none is named, whatever keys there are', () => {
    expect(isOffline(resolved({}, {}))).toBe(true);
    expect(isOffline(resolved({}, { ...KEY, COPPICE_MODEL: ' ' }))).toBe(true);
    expect(isOffline(resolved({ default: 'offline' }, { ...KEY, COPPICE_MODEL: 'large' }))).toBe(true);
    expect(isOffline(resolved({ default: 'offline' }, {}, 1))).toBe(true);
  });

  test("are a role's own, then the spec's default, then the environment's", () => {
    const environment = { ...KEY, COPPICE_MODEL: 'large' };
    expect(namesOf({ default: 'medium', review: 'small', digest: ['tiny', 'small'] }, environment)).toEqual({
      draft: ['medium'],
      improve: ['medium'],
      debug: ['medium'],
      review: ['small'],
      digest: ['tiny', 'small'],
      report: ['medium'],
    });
    expect(namesOf({}, environment)).toMatchObject({ draft: ['large'], report: ['large'] });
  });

  test('keep their order of preference and say where each is reached', () => {
    const models = resolved(
      { default: ['large', { name: 'spare', baseUrl: 'http://localhost:4000/openai/v1/', keyVariable: 'SPARE_KEY' }] },
      { OPENAI_BASE_URL: 'http://localhost:8080/v1' },
    );

    expect(modelRoutes(models).draft).toEqual(['localhost-8080', 'localhost-4000-openai-v1']);
    expect(models.review).toMatchObject([
      { name: 'large', baseUrl: null, keyVariable: 'OPENAI_API_KEY', price: { input: 2, output: 8 } },
      { name: 'spare', baseUrl: 'http://localhost:4000/openai/v1/', keyVariable: 'SPARE_KEY', price: null },
    ]);
  });

  test('take what their setting says, and usual limits where it says nothing', () => {
    const [plain, full] = resolved(
      {
        default: [
          'large',
          {
            name: 'large',
            temperature: 0.2,
            maxTokens: 4000,
            contextTokens: 32_000,
            reasoningEffort: 'low',
            extraBody: { top_k: 20 },
            timeout: '2m',
            silence: '30s',
          },
        ],
      },
      KEY,
    ).draft;

    expect(plain).toMatchObject({ temperature: null, extraBody: {}, timeoutSeconds: 600, silenceSeconds: 300 });
    expect(full).toMatchObject({
      temperature: 0.2,
      maxTokens: 4000,
      contextTokens: 32_000,
      reasoningEffort: 'low',
      extraBody: { top_k: 20 },
      timeoutSeconds: 120,
      silenceSeconds: 30,
    });
  });

  test('at an address of their own are sent no key unless one is named, for a key is meant for one server', () => {
    const own = { name: 'large', baseUrl: 'https://models.example/v1' };
    expect(resolved({ default: own }, KEY).draft[0]?.keyVariable).toBeNull();
    expect(resolved({ default: { ...own, keyVariable: 'MY_KEY' } }, KEY).draft[0]?.keyVariable).toBe('MY_KEY');
    const same = { ...KEY, OPENAI_BASE_URL: 'https://models.example/v1' };
    expect(resolved({ default: own }, same).draft[0]?.keyVariable).toBe('OPENAI_API_KEY');
  });

  test('with an address or a key of their own need no OPENAI variable here', () => {
    const own = { name: 'large', baseUrl: 'https://models.example/v1' };
    expect(modelRoutes(resolved({ default: own }, {})).draft).toEqual(['models.example']);
    expect(modelRoutes(resolved({ default: { name: 'large', keyVariable: 'MY_KEY' } }, {})).draft).toEqual([
      'api.openai.com',
    ]);
    expect(resolve({ default: [own, 'large'] }, {})).toMatchObject({ ok: false });
  });

  test.each<[string, RunSpecInput['models'], Environment, RegExp]>([
    ['a named model without a way to it', { default: 'large' }, {}, /"large".*OPENAI_API_KEY.*OPENAI_BASE_URL/],
    ['an empty key', { default: 'large' }, { OPENAI_API_KEY: '' }, /OPENAI_API_KEY/],
    ['roles that nobody named a model for', { review: 'small' }, KEY, /draft, improve, debug, digest, report.*--model/],
    [
      'the offline model beside another role',
      { default: 'large', review: 'offline' },
      KEY,
      /offline model works only alone/,
    ],
    ['the offline model as a fallback', { default: ['large', 'offline'] }, KEY, /offline model works only alone/],
    ['a base URL that is none', { default: 'large' }, { OPENAI_BASE_URL: 'localhost:80' }, /OPENAI_BASE_URL is not/],
  ])('are refused: %s', (_name, models, environment, message) => {
    expect(resolve(models, environment)).toMatchObject({
      ok: false,
      message: expect.stringMatching(message) as string,
    });
  });

  test('need a price each where the cost is capped', () => {
    expect(resolve({ default: 'large' }, KEY, 5)).toMatchObject({ ok: true });
    expect(resolve({ default: 'large', review: ['large', 'unheard-of'] }, KEY, 5)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/"unheard-of".*COPPICE_PRICES.*--max-tokens/) as string,
    });
  });
});

describe('an endpoint', () => {
  test.each([
    ['https://api.openai.com/v1', 'api.openai.com'],
    ['https://api.openai.com/v1/', 'api.openai.com'],
    ['http://localhost:8080', 'localhost-8080'],
    ['https://user:secret@Models.Example/v1', 'models.example'],
    ['http://[::1]:11434/v1', '---1--11434'],
    ['https://openrouter.ai/api/v1', 'openrouter.ai-api-v1'],
    ['https://generativelanguage.googleapis.com/v1beta/openai/', 'generativelanguage.googleapis.com-v1beta-openai'],
    ['https://name.openai.azure.com/openai/v1?api-version=preview', 'name.openai.azure.com-openai-v1'],
    ['ftp://host/v1', null],
    ['localhost:80', null],
  ])('with the base URL %s is named %s', (baseUrl, name) => {
    expect(endpointName(baseUrl)).toBe(name);
  });

  test("is OpenAI's own unless OPENAI_BASE_URL says otherwise", () => {
    expect(endpointOf({})).toBe('api.openai.com');
    expect(baseUrlOf({ OPENAI_BASE_URL: ' http://localhost/v1 ' })).toBe('http://localhost/v1');
  });

  test('does not repeat a base URL that it cannot read', () => {
    expect(() => endpointOf({ OPENAI_BASE_URL: 'ftp://user:secret@host' })).toThrow(
      /^OPENAI_BASE_URL is not(?!.*secret)/,
    );
  });
});
