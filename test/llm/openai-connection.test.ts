import { createConnections } from '../../src/llm/openai/connection';
import { requestBody } from '../../src/llm/openai/request-body';
import { DRAFT, targetAt } from './model-calls';

const ENVIRONMENT = { OPENAI_API_KEY: 'key-1', OPENAI_ORG_ID: 'org-1', AZURE_KEY: 'key-2' };

async function headersFor(baseUrl: string | null, keyVariable: string | null): Promise<Headers> {
  const { client } = createConnections(ENVIRONMENT)(targetAt(baseUrl, { keyVariable }));
  const { req } = await client.buildRequest({ method: 'post', path: '/chat/completions', body: {} });
  return req.headers;
}

test('Azure gets its key in a header of its own', async () => {
  const headers = await headersFor('https://some-resource.openai.azure.com/openai/v1', 'AZURE_KEY');
  expect(headers.get('api-key')).toBe('key-2');
  expect(headers.get('authorization')).toBeNull();
});

test('the organisation belongs to the key of OpenAI, and goes to nobody else', async () => {
  expect((await headersFor(null, 'OPENAI_API_KEY')).get('openai-organization')).toBe('org-1');
  expect((await headersFor('https://router.example/v1', 'AZURE_KEY')).has('openai-organization')).toBe(false);
  expect((await headersFor('https://router.example/v1', 'AZURE_KEY')).get('authorization')).toBe('Bearer key-2');
});

test('a model without a key is sent none', async () => {
  const headers = await headersFor('https://router.example/v1', null);
  expect([...headers.values()].join(' ')).not.toMatch(/key-\d/);
});

test.each([
  ['api.openai.com', 'max_completion_tokens'],
  ['some-resource.openai.azure.com', 'max_completion_tokens'],
  ['localhost', 'max_tokens'],
  ['notopenai.com', 'max_tokens'],
])('%s is given a limit as %s', (hostname, name) => {
  const { body, features } = requestBody(DRAFT, targetAt(null, { maxTokens: 5 }), hostname, new Set());
  expect(body).toMatchObject({ [name]: 5 });
  expect(features).toContain(name);
});
