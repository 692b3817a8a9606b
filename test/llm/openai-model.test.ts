import { CancelledFailure } from '@temporalio/common';
import type { ModelRequest } from '../../src/llm/model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import { verdictJsonSchema } from '../../src/llm/verdict';
import type { ScriptedModel, ScriptedModelSettings } from '../scripted-model/scripted-model';
import { startScriptedModel } from '../scripted-model/scripted-model';
import { waitUntil } from '../helpers/wait-until';

const DRAFT: ModelRequest = {
  model: 'scripted',
  runId: 'run-1',
  nodeId: 3,
  purpose: 'draft',
  ask: 1,
  messages: [{ role: 'user', content: 'Write a script.' }],
};
const REVIEW: ModelRequest = { ...DRAFT, purpose: 'review', responseSchema: verdictJsonSchema() };

let server: ScriptedModel;

async function start(settings: ScriptedModelSettings = {}) {
  server = await startScriptedModel(settings);
  return createOpenAiModel({ OPENAI_BASE_URL: server.baseUrl });
}

function ask(model: ReturnType<typeof createOpenAiModel>, request = DRAFT, signal = new AbortController().signal) {
  return model.ask(request, signal);
}

afterEach(() => server.close());

test('an answer comes with its text, its end and what it used', async () => {
  const answer = await ask(await start());
  expect(answer).toMatchObject({ finishReason: 'stop', model: 'scripted', promptTokens: 4, cachedTokens: 2 });
  expect(answer.text).toContain('```python');
  expect(answer.completionTokens).toBeGreaterThan(10);
  expect(answer.requestId).toBe('scripted-1');
  expect(server.requests()).toMatchObject([{ call: 'run-1/3/draft/1', status: 200, structured: false }]);
});

test('a review is asked for by schema', async () => {
  const answer = await ask(await start(), REVIEW);
  expect(JSON.parse(answer.text)).toEqual({ is_bug: false, summary: 'Scripted review of node 3.' });
  expect(server.requests()).toMatchObject([{ structured: true }]);
});

test('a server that refuses the schema is asked once without it, and from then on only so', async () => {
  const model = await start({ plainOnly: true });
  await ask(model, REVIEW);
  await ask(model, REVIEW);
  const seen = server.requests().map(({ structured, status }) => ({ structured, status }));
  expect(seen).toEqual([
    { structured: true, status: 400 },
    { structured: false, status: 200 },
    { structured: false, status: 200 },
  ]);
});

test('a server that fails anyway is not taken for one that refuses the schema', async () => {
  const model = await start({
    rules: [
      { nth: 1, action: fail(500) },
      { nth: 2, action: fail(500) },
    ],
  });
  await expect(ask(model, REVIEW)).rejects.toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
  await ask(model, REVIEW);
  expect(server.requests().map(({ structured }) => structured)).toEqual([true, false, true]);
});

test.each([
  ['no choices', '{"choices": []}', /an empty list of choices/],
  ['a choice without content', '{"choices": [{"message": {"content": null}}]}', /a choice without content/],
  ['another object', '{"error": "busy"}', /JSON without choices/],
  ['half an object', '{"choices": [', /gave no answer/],
])('an answer with %s is the failure of the machinery', async (_name, body, message) => {
  const model = await start({ rules: [{ action: { ...fail(200), body } }] });
  await expect(ask(model)).rejects.toMatchObject({
    type: 'ModelUnreachable',
    nonRetryable: false,
    message: expect.stringMatching(message) as string,
  });
});

test('a page of HTML is the failure of the machinery', async () => {
  const action = { ...fail(200), headers: { 'content-type': 'text/html' }, body: '<html>maintenance</html>' };
  const model = await start({ rules: [{ action }] });
  await expect(ask(model)).rejects.toMatchObject({
    type: 'ModelUnreachable',
    message: expect.stringContaining('HTML') as string,
  });
});

test.each(['nothing', 'half'] as const)(
  'a connection cut after %s is retried by Temporal, not by the client',
  async (after) => {
    const model = await start({ rules: [{ action: { type: 'cut', after } }] });
    await expect(ask(model)).rejects.toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
    expect(server.requests()).toHaveLength(1);
  },
);

test('a server that is not there is named', async () => {
  const model = await start();
  const { host } = new URL(server.baseUrl);
  await server.close();
  await expect(ask(model)).rejects.toMatchObject({
    type: 'ModelUnreachable',
    message: expect.stringContaining(`${host} gave no answer (ECONNREFUSED)`) as string,
  });
  server = await startScriptedModel();
});

test('odd usage figures do not cost the answer', async () => {
  const body =
    '{"choices": [{"message": {"content": "hello"}}], "usage": {"prompt_tokens": 1.5, "completion_tokens": 3}}';
  const model = await start({ rules: [{ action: { ...fail(200), body } }] });
  expect(await ask(model)).toMatchObject({ text: 'hello', promptTokens: 0, completionTokens: 3, finishReason: null });
});

test('a cancelled activity ends the call', async () => {
  const model = await start({ rules: [{ action: { type: 'hold' } }] });
  const controller = new AbortController();
  const call = ask(model, DRAFT, controller.signal);
  const outcome = expect(call).rejects.toBeInstanceOf(CancelledFailure);
  await waitUntil('the request to arrive', () => server.requests().length === 1);
  controller.abort(new CancelledFailure('CANCELLED'));
  await outcome;
});

function fail(status: number) {
  return { type: 'respond', status } as const;
}
