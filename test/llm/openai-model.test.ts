import type { ServerResponse } from 'node:http';
import type { ResolvedModel } from '../../src/domain/resolved-model';
import type { ModelClient, ModelRequest } from '../../src/llm/model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import { waitUntil } from '../helpers/wait-until';
import { ask, DRAFT, failureOf, REVIEW, targetAt } from './model-calls';
import {
  answer,
  beginStream,
  chunk,
  completion,
  refuse,
  sendJson,
  sendStream,
  startModelServer,
  USAGE,
  USAGE_CHUNK,
  writeEvents,
  type ModelServer,
  type Respond,
} from './model-server';

let server: ModelServer;

async function start(respond: Respond, environment: Record<string, string> = {}): Promise<ModelClient> {
  server = await startModelServer(respond);
  return createOpenAiModel({ environment, isRateLimited: () => false });
}

function askServer(model: ModelClient, request: ModelRequest = DRAFT, changes: Partial<ResolvedModel> = {}) {
  return ask(model, targetAt(server.baseUrl, changes), request);
}

afterEach(() => server.close());

describe('a request', () => {
  test('carries the settings of its target, and nothing that is not set', async () => {
    const model = await start(answer);
    await askServer(model);
    await askServer(model, DRAFT, {
      temperature: 0.5,
      maxTokens: 500,
      reasoningEffort: 'low',
      extraBody: { provider: { order: ['one'] } },
    });
    const common = { model: 'some-model', stream: true, stream_options: { include_usage: true } };
    expect(server.requests.map(({ body }) => body)).toEqual([
      { ...common, messages: DRAFT.messages },
      {
        ...common,
        messages: DRAFT.messages,
        temperature: 0.5,
        max_tokens: 500,
        reasoning_effort: 'low',
        provider: { order: ['one'] },
      },
    ]);
    expect(server.requests[0]?.headers['x-coppice-call']).toBe('run-1/3/draft/1');
  });

  test('asks for as many tokens as this ask wants, and leaves a person the last word', async () => {
    const model = await start(answer);
    await askServer(model, { ...DRAFT, maxTokens: 900 }, { maxTokens: 500 });
    await askServer(model, DRAFT, { maxTokens: 500, extraBody: { max_tokens: 7, stream: false } });
    expect(server.requests.map(({ body }) => [body['max_tokens'], body['stream']])).toEqual([
      [900, true],
      [7, false],
    ]);
    expect(server.requests[1]?.body).not.toHaveProperty('stream_options');
  });

  test('goes where the target says, with the key of its variable, else where the environment says', async () => {
    const model = await start(answer, { OPENAI_API_KEY: 'key-1', ROUTER_KEY: 'key-2' });
    await askServer(model);
    await askServer(model, DRAFT, { keyVariable: 'ROUTER_KEY', baseUrl: `${server.baseUrl}/deep?api-version=3` });
    await askServer(model, DRAFT, { keyVariable: 'UNSET_KEY' });
    const fallback = createOpenAiModel({
      environment: { OPENAI_BASE_URL: server.baseUrl },
      isRateLimited: () => false,
    });
    await ask(fallback, targetAt(null));
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/chat/completions', 'Bearer key-1'],
      ['/v1/deep/chat/completions?api-version=3', 'Bearer key-2'],
      ['/v1/chat/completions', 'Bearer none'],
      ['/v1/chat/completions', 'Bearer none'],
    ]);
  });
});

describe('an answer', () => {
  test.each([
    ['in parts', answer],
    ['whole, though parts were asked for', (response) => sendJson(response, 200, completion({ content: 'hello' }))],
    ['in parts under another name', mislabelled],
    ['in parts that are not chat completions but for their delta', bare],
  ] as const satisfies (readonly [string, Respond])[])('that comes %s is read', async (_name, respond) => {
    const model = await start(respond);
    expect(await askServer(model, DRAFT, { price: { input: 1e6, output: 2e6 } })).toMatchObject({
      text: 'hello',
      finishReason: 'stop',
      refusal: null,
      endpoint: 'some-endpoint',
      usage: { calls: 1, promptTokens: 11, completionTokens: 7, cachedTokens: 0, reasoningTokens: 0, costUsd: 25 },
    });
  });

  test('says when it was asked for, how long it took, and who answered', async () => {
    const model = await start(answer);
    const before = Date.now();
    const streamed = await askServer(model);
    expect(Date.parse(streamed.sentAt)).toBeGreaterThanOrEqual(before);
    expect(streamed.firstPartMs).toBeGreaterThanOrEqual(0);
    expect(streamed.durationMs).toBeGreaterThanOrEqual(streamed.firstPartMs ?? Infinity);
    expect(streamed).toMatchObject({ model: 'served-model', requestId: 'request-1' });
    const whole = await askServer(model, DRAFT, { extraBody: { stream: false } });
    expect(whole).toMatchObject({ firstPartMs: null, requestId: 'chatcmpl-1' });
  });

  test('has no price when none is known, and no tokens when the server counts none', async () => {
    const model = await start((response) =>
      sendJson(response, 200, completion({ content: 'a' }, { usage: undefined })),
    );
    expect((await askServer(model)).usage).toEqual({
      calls: 1,
      promptTokens: 0,
      completionTokens: 0,
      cachedTokens: 0,
      reasoningTokens: 0,
      costUsd: null,
    });
  });

  test('is without what the model thought', async () => {
    const model = await start((response) =>
      sendStream(response, [
        chunk({ role: 'assistant', content: null, reasoning_content: 'first I' }),
        chunk({ reasoning: 'would', reasoning_details: [{ type: 'reasoning.text', text: 'try' }] }),
        chunk({ content: 'hel' }),
        chunk({ content: [{ type: 'reasoning', text: 'hm' }] }),
        chunk({ content: [{ type: 'text', text: 'lo' }] }, 'stop'),
        USAGE_CHUNK,
      ]),
    );
    expect((await askServer(model)).text).toBe('hello');
  });

  test.each([
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['MAX_TOKENS', 'length'],
  ])('that ended with %s was cut off, even before its first word', async (word, finishReason) => {
    const model = await start((response) =>
      sendStream(response, [chunk({ content: null, reasoning: 'I would' }), chunk({}, word), USAGE_CHUNK]),
    );
    expect(await askServer(model)).toMatchObject({ text: '', finishReason, usage: { completionTokens: 7 } });
  });

  test.each<readonly [string, Respond, RegExp]>([
    [
      'the model',
      (r) => sendStream(r, [chunk({ refusal: 'I can' }), chunk({ refusal: 'not.' }, 'stop')]),
      /^I cannot\.$/,
    ],
    ['the model at once', (r) => sendJson(r, 200, completion({ content: null, refusal: 'No.' })), /^No\.$/],
    ['a filter of the answer', (r) => sendStream(r, [chunk({ content: 'He' }), chunk({}, 'content_filter')]), /filter/],
    [
      'a filter of the prompt',
      (r) => refuse(r, 400, { code: 'content_filter', message: 'Blocked by the content management policy.' }),
      /content management policy/,
    ],
    [
      'the moderation of a router',
      (r) => refuse(r, 403, { code: 403, message: 'This model requires moderation. Your input was flagged.' }),
      /flagged/,
    ],
  ])('that %s refused is an answer with a refusal', async (_name, respond, words) => {
    const model = await start(respond);
    const refused = await askServer(model);
    expect(refused.refusal).toMatch(words);
    expect(server.requests).toHaveLength(1);
  });

  test('is nothing that a refused answer teaches of the server', async () => {
    const model = await start((response, request, nth) => {
      if (nth === 1) refuse(response, 400, { code: 'content_filter', message: 'stream' });
      else answer(response, request);
    });
    await askServer(model);
    expect(await askServer(model)).toMatchObject({ text: 'hello', refusal: null });
    expect(server.requests[1]?.body).toMatchObject({ stream: true });
  });
});

describe('an answer that is none is the failure of the machinery:', () => {
  const half: Respond = (response) => {
    beginStream(response);
    writeEvents(response, [chunk({ content: 'Plan' })]);
    response.end();
  };
  const cut: Respond = (response) => {
    beginStream(response);
    writeEvents(response, [chunk({ content: 'Plan' })]);
    response.socket?.destroySoon();
  };
  const html: Respond = (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
  const unwantedCall = { tool_calls: [{ id: '1', type: 'function', function: { name: 'search', arguments: '{}' } }] };

  test.each<readonly [string, Respond, RegExp]>([
    ['HTML', html, /sent a page of HTML/],
    ['an empty body', (r) => r.writeHead(200).end(), /sent an empty body/],
    ['an empty stream', (r) => (beginStream(r), r.end()), /sent an empty stream/],
    ['a stream without choices', (r) => sendStream(r, [USAGE_CHUNK]), /sent a stream without choices/],
    ['half a body', (r) => r.writeHead(200).end('{"choices": ['), /sent JSON that is broken/],
    ['plain text', (r) => r.writeHead(200).end('ready'), /sent plain text/],
    ['garbage in a stream', (r) => sendStream(r, ['{"choices": [']), /gave no answer \(the answer is not JSON\)/],
    ['half a stream', half, /sent a stream that broke off/],
    ['a cut connection', cut, /gave no answer \(UND_ERR_SOCKET\)/],
    [
      'an answer that ended with an error',
      (r) => sendStream(r, [chunk({ content: 'a' }, 'error')]),
      /ended with an error/,
    ],
    ['no choices', (r) => sendJson(r, 200, { id: 'a' }), /sent JSON without choices/],
    ['an empty list of choices', (r) => sendJson(r, 200, completion({}, { choices: [] })), /an empty list of choices/],
    ['null content', (r) => sendJson(r, 200, completion({ content: null })), /a choice without content/],
    ['null content in parts', (r) => sendStream(r, [chunk({ content: null }), chunk({}, 'stop')]), /without content/],
    ['an unwanted call', (r) => sendJson(r, 200, completion(unwantedCall)), /a call of a tool that was not offered/],
    ['an unwanted call in parts', (r) => sendStream(r, [chunk(unwantedCall), chunk({}, 'tool_calls')]), /not offered/],
  ])('%s', async (_name, respond, message) => {
    const model = await start(respond);
    const failure = await failureOf(askServer(model));
    expect(failure).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
    expect(failure.message).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });

  test.each<readonly [string, Respond]>([
    ['whole', (r) => sendJson(r, 200, completion({ content: null }))],
    ['in parts', (r) => sendStream(r, [chunk({ content: null }), chunk({}, 'stop'), USAGE_CHUNK])],
    ['broken off', (r) => (beginStream(r), writeEvents(r, [chunk({ content: 'a' }, null, { usage: USAGE })]), r.end())],
  ])('what it used is told all the same (%s)', async (_name, respond) => {
    const model = await start(respond);
    const failure = await failureOf(askServer(model));
    expect(failure.details).toMatchObject([{ usage: { calls: 1, promptTokens: 11, completionTokens: 7 } }]);
  });

  test.each<readonly [string, Respond]>([
    ['silence', silentAtTheEnd],
    ['a cut', cutAtTheEnd],
  ])('but one that has ended is not bought again for what follows: %s', async (_name, respond) => {
    const model = await start(respond);
    for (let call = 1; call <= 2; call += 1) {
      expect(await askServer(model, DRAFT, { silenceSeconds: 0.2 })).toMatchObject({
        text: 'hello',
        finishReason: 'stop',
      });
    }
    expect(server.requests.map(({ body }) => body['stream'])).toEqual([true, true]);
  });

  test('the connection is not kept open for the rest of it', async () => {
    const closed = jest.fn();
    const model = await start((response) => {
      response.on('close', closed);
      beginStream(response);
      writeEvents(response, [chunk({ content: 'Plan' }), [], chunk({ content: 'more' })]);
    });
    expect((await failureOf(askServer(model))).message).toContain('a stream of something else');
    await waitUntil('the connection to close', () => closed.mock.calls.length === 1);
  });

  test('a stream that is told to have ended, without a word on its end or its usage, was broken off', async () => {
    const model = await start((response) => sendStream(response, [chunk({ content: 'hel' })]));
    expect((await failureOf(askServer(model))).message).toMatch(/sent a stream that broke off/);
  });

  test('a stream that told nothing is followed by one call without a stream, which tells why', async () => {
    const model = await start((response, { body }) => {
      if (body['stream'] === true) sendStream(response, []);
      else refuse(response, 400, { code: 'context_length_exceeded' });
    });
    expect(await failureOf(askServer(model))).toMatchObject({ type: 'ModelUnreachable' });
    expect(await failureOf(askServer(model))).toMatchObject({ type: 'ContextTooLong' });
    await failureOf(askServer(model));
    expect(server.requests.map(({ body }) => body['stream'] ?? false)).toEqual([true, false, true]);
  });

  test('an answer without a word on its end is complete once the stream says so', async () => {
    const model = await start((response) => sendStream(response, [chunk({ content: 'hello' }), USAGE_CHUNK]));
    expect(await askServer(model)).toMatchObject({ text: 'hello', finishReason: null });
  });
});

describe('an error inside an answer counts as what it names:', () => {
  test.each<readonly [string, object, object]>([
    [
      'busy',
      { code: 429, message: 'Rate limited, try again in 2s.' },
      { type: 'ModelUnreachable', nextRetryDelay: 2000 },
    ],
    ['down', { code: 502, message: 'Provider returned error' }, { type: 'ModelUnreachable', nonRetryable: false }],
    ['a key', { code: 401, message: 'No auth' }, { type: 'ModelKeyRejected', nonRetryable: true }],
    ['money', { code: 'insufficient_quota', message: 'pay' }, { type: 'ModelQuotaExhausted', nonRetryable: true }],
    ['anything', { message: 'oops' }, { type: 'ModelUnreachable', nonRetryable: false }],
    [
      'a prompt too long',
      { code: 400, message: 'Provider returned error', metadata: { raw: '{"message": "prompt is too long"}' } },
      { type: 'ContextTooLong', nonRetryable: true },
    ],
  ])('%s', async (_name, error, expected) => {
    const model = await start((response, _request, nth) => {
      if (nth === 1) sendJson(response, 200, { error });
      else sendStream(response, [chunk({ content: 'He' }), { error, choices: [] }]);
    });
    expect(await failureOf(askServer(model))).toMatchObject(expected);
    expect(await failureOf(askServer(model))).toMatchObject(expected);
    expect(server.requests).toHaveLength(2);
  });
});

test('an error in the form of older servers is one, too, also within a stream', async () => {
  const error = { object: 'error', message: 'prompt is too long', code: 400 };
  const model = await start((response, _request, nth) => {
    if (nth === 1) sendJson(response, 200, error);
    else sendStream(response, [error]);
  });
  for (let call = 1; call <= 2; call += 1) {
    expect(await failureOf(askServer(model))).toMatchObject({ type: 'ContextTooLong' });
  }
});

test('a server that is not there is named', async () => {
  const model = await start(answer);
  const { host } = new URL(server.baseUrl);
  await server.close();
  const failure = await failureOf(askServer(model));
  expect(failure).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
  expect(failure.message).toContain(`${host} gave no answer (ECONNREFUSED)`);
  server = await startModelServer(answer);
});

test.each([429, 500, 503])('an answer of %s is not asked for again by the client', async (status) => {
  const model = await start((response) => refuse(response, status, { message: 'busy' }, { 'retry-after': '3' }));
  expect(await failureOf(askServer(model, REVIEW, { extraBody: { response_format: { type: 'text' } } }))).toMatchObject(
    {
      type: 'ModelUnreachable',
      nextRetryDelay: 3000,
      details: [{ status }],
    },
  );
  expect(server.requests).toHaveLength(1);
});

function silentAtTheEnd(response: ServerResponse): void {
  beginStream(response);
  writeEvents(response, [chunk({ content: 'hello' }, 'stop')]);
}

function cutAtTheEnd(response: ServerResponse): void {
  silentAtTheEnd(response);
  response.socket?.destroySoon();
}

function mislabelled(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  writeEvents(response, [chunk({ content: 'hello' }), chunk({}, 'stop'), USAGE_CHUNK, '[DONE]']);
  response.end();
}

function bare(response: ServerResponse): void {
  const parts = [{ content: 'hel' }, { content: 'lo' }].map((delta) => ({ choices: [{ delta }] }));
  sendStream(response, [...parts, { choices: [{ delta: {}, finish_reason: 'stop' }], usage: USAGE }]);
}
