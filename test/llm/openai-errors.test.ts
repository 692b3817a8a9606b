import { createOpenAiModel } from '../../src/llm/openai-model';
import { ask, failureOf, targetAt } from './model-calls';
import { startModelServer, type ModelServer } from './model-server';

let server: ModelServer;

/** The failure of a call that the server answers with this body. */
async function failureFrom(status: number, body: string) {
  server = await startModelServer((response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body),
  );
  const model = createOpenAiModel({ environment: {}, isRateLimited: () => false });
  return failureOf(ask(model, targetAt(server.baseUrl, { maxTokens: 500 })));
}

afterEach(() => server.close());

/** In the form and the words of the servers themselves. */
test.each<readonly [string, number, object | string]>([
  [
    'OpenAI',
    400,
    {
      error: { code: 'context_length_exceeded', param: 'messages', message: 'Your input exceeds the context window.' },
    },
  ],
  [
    'vLLM',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8500 in the messages, " +
        '500 in the completion). Please reduce the length of the messages or completion.',
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
  ],
  [
    'vLLM',
    400,
    { error: { message: 'The decoder prompt (length 9000) is longer than the maximum model length of 8192.' } },
  ],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size. try increasing the context size',
        type: 'exceed_context_size_error',
      },
    },
  ],
  [
    'llama.cpp',
    500,
    { error: { code: 500, message: 'request (5000 tokens) exceeds the available context size (4096)' } },
  ],
  [
    'llama-cpp-python',
    400,
    { error: { message: 'Requested tokens (5000) exceed context window of 2048', code: null } },
  ],
  ['Anthropic', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 2 > 1' } }],
  ['Anthropic', 413, '<html>413 Request Entity Too Large</html>'],
  [
    'Anthropic',
    400,
    { error: { message: 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000' } },
  ],
  [
    'Gemini',
    400,
    [
      {
        error: { code: 400, message: 'The input token count (12) exceeds the maximum number of tokens allowed (10).' },
      },
    ],
  ],
  ['Ollama', 400, { error: 'the input length exceeds the context length' }],
  ['LM Studio', 400, { error: 'The number of tokens to keep is greater than the context length' }],
  ['a router', 422, { detail: [{ loc: ['body', 'messages'], msg: 'Input is too long for requested model.' }] }],
])('%s says that the prompt is too long (%i)', async (_server, status, body) => {
  const failure = await failureFrom(status, typeof body === 'string' ? body : JSON.stringify(body));
  expect(failure).toMatchObject({ type: 'ContextTooLong', nonRetryable: true, details: [{ status }] });
  expect(server.requests).toHaveLength(1);
});

test.each<readonly [string, number, object, object]>([
  ['vLLM', 429, { object: 'error', message: 'try again in 2s', type: 'RateLimit' }, { nextRetryDelay: 2000 }],
  ['Ollama', 503, { error: 'server busy, please try again' }, { type: 'ModelUnreachable' }],
  ['Gemini', 429, [{ error: { code: 429, message: 'Please retry in 3s.' } }], { nextRetryDelay: 3000 }],
  ['Gemini', 401, [{ error: { code: 401, status: 'UNAUTHENTICATED' } }], { type: 'ModelKeyRejected' }],
  ['DeepSeek', 402, { error: { message: 'Insufficient Balance' } }, { type: 'ModelQuotaExhausted' }],
  ['OpenAI', 429, { error: { code: 'insufficient_quota' } }, { type: 'ModelQuotaExhausted' }],
])('the words of %s are read where they stand (%i)', async (_server, status, body, expected) => {
  expect(await failureFrom(status, JSON.stringify(body))).toMatchObject(expected);
});

test('neither the body nor the key gets into the failure', async () => {
  const secret = 'sk-proj-0123456789abcdef';
  const failure = await failureFrom(401, JSON.stringify({ error: { message: `wrong key ${secret}`, code: secret } }));
  expect(JSON.stringify([failure.message, failure.details, failure.stack, failure.cause])).not.toContain('wrong');
});
