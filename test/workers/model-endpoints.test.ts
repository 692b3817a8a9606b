import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ModelProblem } from '../../src/llm/models/model-problem';
import { readModelEndpoints, withEndpoints } from '../../src/workers/model-endpoints';

const OFFLINE = { name: 'offline', requestsPerMinute: null };

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-endpoints-'));
});

afterAll(() => rm(root, { recursive: true }));

async function endpointsFile(text: string): Promise<{ readonly COPPICE_ENDPOINTS: string }> {
  const file = path.join(root, 'endpoints.yaml');
  await writeFile(file, text);
  return { COPPICE_ENDPOINTS: file };
}

test('without any variable a worker works for the offline model alone', async () => {
  expect(await readModelEndpoints({})).toEqual({ reached: [OFFLINE], keyless: [], keyVariables: [] });
});

test('a key or a base URL adds the usual endpoint, with its limit', async () => {
  expect((await readModelEndpoints({ OPENAI_API_KEY: 'key' })).reached).toEqual([
    OFFLINE,
    { name: 'api.openai.com', requestsPerMinute: null },
  ]);
  const limited = { OPENAI_BASE_URL: 'http://localhost:8080/v1', COPPICE_REQUESTS_PER_MINUTE: '90' };
  expect((await readModelEndpoints(limited)).reached).toEqual([
    OFFLINE,
    { name: 'localhost-8080', requestsPerMinute: 90 },
  ]);
});

test("a file adds endpoints, and its entry for the usual one counts before the variable's", async () => {
  const environment = await endpointsFile(`endpoints:
  - { baseUrl: "https://openrouter.ai/api/v1", keyVariable: OPENROUTER_API_KEY, requestsPerMinute: 20 }
  - { baseUrl: "http://localhost:11434/v1" }
  - { baseUrl: "https://api.openai.com/v1", requestsPerMinute: 500 }
`);
  const keys = { OPENAI_API_KEY: 'key', OPENROUTER_API_KEY: 'key', COPPICE_REQUESTS_PER_MINUTE: '5' };

  expect(await readModelEndpoints({ ...environment, ...keys })).toEqual({
    reached: [
      OFFLINE,
      { name: 'openrouter.ai-api-v1', requestsPerMinute: 20 },
      { name: 'localhost-11434', requestsPerMinute: null },
      { name: 'api.openai.com', requestsPerMinute: 500 },
    ],
    keyless: [],
    keyVariables: ['OPENROUTER_API_KEY'],
  });
});

test('an endpoint whose key is not here is not polled, and told of', async () => {
  const environment = await endpointsFile(
    'endpoints: [{ baseUrl: "https://openrouter.ai/api/v1", keyVariable: OPENROUTER_API_KEY }]',
  );

  expect(await readModelEndpoints({ ...environment, OPENROUTER_API_KEY: ' ' })).toEqual({
    reached: [OFFLINE],
    keyless: [{ name: 'openrouter.ai-api-v1', keyVariable: 'OPENROUTER_API_KEY' }],
    keyVariables: ['OPENROUTER_API_KEY'],
  });
});

test.each([
  ['a URL that is none', 'endpoints: [{ baseUrl: "localhost:80" }]', /\$\.endpoints\.0\.baseUrl: expected an http/],
  ['a limit of nothing', 'endpoints: [{ baseUrl: "http://a", requestsPerMinute: 0 }]', /\$\.endpoints\.0\.requests/],
  ['a key itself', 'endpoints: [{ baseUrl: "http://a", key: secret }]', /\$\.endpoints\.0: Unrecognized key/],
])('a file with %s is refused with the place', async (_what, text, message) => {
  const environment = await endpointsFile(text);

  await expect(readModelEndpoints(environment)).rejects.toThrow(message);
  await expect(readModelEndpoints(environment)).rejects.toBeInstanceOf(ModelProblem);
});

test.each(['many', '0', '-3'])('COPPICE_REQUESTS_PER_MINUTE=%s is refused', async (limit) => {
  await expect(readModelEndpoints({ OPENAI_API_KEY: 'key', COPPICE_REQUESTS_PER_MINUTE: limit })).rejects.toThrow(
    /^COPPICE_REQUESTS_PER_MINUTE is not a number above 0/,
  );
});

test('endpoints of a run of its own are added without a limit, but never loosen one', () => {
  const limited = { name: 'a', requestsPerMinute: 10 };
  const others = [
    { name: 'a', requestsPerMinute: null },
    { name: 'b', requestsPerMinute: null },
  ];

  expect(withEndpoints([limited], others)).toEqual([limited, { name: 'b', requestsPerMinute: null }]);
});
