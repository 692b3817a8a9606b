import { endpointOf, resolveModels, type Environment } from '../../src/llm/endpoint';

const OFFLINE = { endpoint: 'offline', draft: 'offline', improve: 'offline', debug: 'offline', review: 'offline' };
const KEY = { OPENAI_API_KEY: 'key' };

function namesOf(models: Parameters<typeof resolveModels>[0], environment: Environment) {
  const resolved = resolveModels(models, environment);
  if (!resolved.ok) throw new Error(resolved.message);
  return resolved.models;
}

describe('resolveModels', () => {
  test('takes the offline model when none is named, whatever keys there are', () => {
    expect(namesOf({}, {})).toEqual(OFFLINE);
    expect(namesOf({}, { ...KEY, COPPICE_MODEL: ' ' })).toEqual(OFFLINE);
    expect(namesOf({ default: 'offline' }, { ...KEY, COPPICE_MODEL: 'large' })).toEqual(OFFLINE);
  });

  test("prefers a role's name, then the spec's, then the environment's", () => {
    expect(namesOf({ default: 'medium', review: 'small' }, { ...KEY, COPPICE_MODEL: 'large' })).toEqual({
      endpoint: 'api.openai.com',
      draft: 'medium',
      improve: 'medium',
      debug: 'medium',
      review: 'small',
    });
    expect(namesOf({}, { OPENAI_BASE_URL: 'http://localhost:8080/v1', COPPICE_MODEL: 'large' })).toMatchObject({
      endpoint: 'localhost-8080',
      draft: 'large',
    });
  });

  test.each<[string, Parameters<typeof resolveModels>[0], Environment, RegExp]>([
    ['a named model without a way to it', { default: 'large' }, {}, /"large".*OPENAI_API_KEY.*OPENAI_BASE_URL/],
    ['an empty key', { default: 'large' }, { OPENAI_API_KEY: '' }, /OPENAI_API_KEY/],
    ['roles that nobody named a model for', { review: 'small' }, KEY, /draft, improve, debug.*--model/],
    [
      'the offline model beside another',
      { default: 'large', review: 'offline' },
      KEY,
      /offline model works only alone/,
    ],
    ['a base URL that is none', { default: 'large' }, { OPENAI_BASE_URL: 'localhost:80' }, /OPENAI_BASE_URL is not/],
  ])('refuses %s', (_name, models, environment, message) => {
    expect(resolveModels(models, environment)).toMatchObject({
      ok: false,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('endpointOf', () => {
  test.each([
    [{}, 'api.openai.com'],
    [{ OPENAI_BASE_URL: 'https://user:secret@Models.Example/v1' }, 'models.example'],
    [{ OPENAI_BASE_URL: 'http://[::1]:11434/v1' }, '---1--11434'],
  ])('names a task queue after %j', (environment, name) => {
    expect(endpointOf(environment)).toBe(name);
  });

  test('does not repeat a base URL that it cannot read', () => {
    expect(() => endpointOf({ OPENAI_BASE_URL: 'ftp://user:secret@host' })).toThrow(
      /^OPENAI_BASE_URL is not(?!.*secret)/,
    );
  });
});
