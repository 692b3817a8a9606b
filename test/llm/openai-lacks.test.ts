import { readdir } from 'node:fs/promises';
import { formatOf, lacking, silent, named, uses, VERDICT, WORDS } from './lacking-server';
import { FULL, LacksScene } from './lacks-scene';
import { DRAFT, failureOf, REVIEW, SCHEMA } from './model-calls';
import { answer, chunk, completion, refuse, sendJson, sendStream, USAGE_CHUNK, type Respond } from './model-server';

let scene: LacksScene;

beforeEach(async () => {
  scene = await LacksScene.open();
});
afterEach(() => scene.close());

describe('what a server says it lacks', () => {
  const rows = Object.keys(WORDS).flatMap((lack) => [400, 422, 500, 501].map((status) => [lack, status] as const));

  test.each(rows)('%s (%i) is left out, alone, and from then on', async (lack, status) => {
    const order = ['json_schema', 'json_object', 'tools'];
    const limits = ['max_tokens', 'max_completion_tokens'];
    // What comes before it in its order must be lacking, too, for it to be asked for at all.
    const before = [order, limits].flatMap((all) => all.slice(0, Math.max(all.indexOf(lack), 0)));
    const model = await scene.start(lacking([...before, lack], status, named));
    const answered = await scene.ask(model, REVIEW, FULL);
    const refused = before.length + 1;
    expect(answered.text).toBe(VERDICT);
    expect(scene.server.requests).toHaveLength(refused + 1);
    await scene.ask(model, { ...REVIEW, ask: 2 }, FULL);
    await scene.ask(scene.anotherModel(), { ...REVIEW, ask: 3 }, FULL);
    expect(scene.server.requests).toHaveLength(refused + 3);
    const gone = new Set([...before, lack, ...(lack.startsWith('stream') ? ['stream', 'stream_options'] : [])]);
    const kept = Object.keys(uses).filter(
      (name) => uses[name]?.(scene.server.requests[0]!) === true && !gone.has(name),
    );
    for (const name of kept) expect([name, uses[name]?.(scene.server.requests.at(-1)!)]).toEqual([name, true]);
  });

  test('is told in the form that FastAPI gives, too', async () => {
    const detail = [{ type: 'extra_forbidden', loc: ['body', 'temperature'], msg: 'Extra inputs', input: 'stream' }];
    const model = await scene.start((response, request) => {
      if (uses['temperature']?.(request)) sendJson(response, 422, { detail });
      else answer(response, request);
    });
    await scene.ask(model, DRAFT, FULL);
    expect(scene.server.requests.at(-1)?.body).toMatchObject({ stream: true, reasoning_effort: 'low' });
    expect(scene.server.requests).toHaveLength(2);
  });

  test('is another thing for another model', async () => {
    const model = await scene.start(lacking(['temperature'], 400, named));
    await scene.ask(model, DRAFT, FULL);
    await scene.ask(model, DRAFT, { ...FULL, name: 'another-model' });
    expect(scene.server.requests.map((request) => uses['temperature']?.(request))).toEqual([true, false, true, false]);
  });
});

describe('JSON is asked for', () => {
  test('by schema, by an object with its schema, by a tool, and in words', async () => {
    const model = await scene.start(lacking(['json_schema', 'json_object', 'tools'], 400, silent));
    expect((await scene.ask(model, REVIEW)).text).toBe(VERDICT);
    const [first, second, third, last] = scene.server.requests.map(({ body }) => body);
    expect(first?.['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'review', schema: SCHEMA, strict: true },
    });
    expect(second?.['response_format']).toEqual({ type: 'json_object', schema: SCHEMA });
    expect(third).toMatchObject({
      tools: [{ type: 'function', function: { name: 'review', parameters: SCHEMA } }],
      tool_choice: { type: 'function', function: { name: 'review' } },
    });
    expect(last).not.toHaveProperty('tools');
    expect(last).not.toHaveProperty('response_format');
    await scene.ask(model, REVIEW);
    expect(scene.server.requests.map(formatOf)).toEqual(['json_schema', 'json_object', 'tools', 'words', 'words']);
  });

  test.each<readonly [string, Respond]>([
    [
      'in parts',
      (response) =>
        sendStream(response, [
          chunk({ tool_calls: [{ index: 0, id: '1', function: { name: 'review', arguments: '' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"is_bug":' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: ' false}' } }] }, 'tool_calls'),
          USAGE_CHUNK,
        ]),
    ],
    [
      'whole',
      (response) => {
        const call = { id: '1', type: 'function', function: { name: 'review', arguments: VERDICT } };
        sendJson(response, 200, completion({ content: 'I call the tool.', tool_calls: [call] }));
      },
    ],
  ])('and the arguments of the tool are the answer (%s)', async (_name, respond) => {
    const model = await scene.start((response, request, nth) => {
      if (formatOf(request) === 'tools') respond(response, request, nth);
      else refuse(response, 400, { message: 'response_format is not known' });
    });
    expect((await scene.ask(model, REVIEW)).text).toBe(VERDICT);
  });
});

describe('what the system says', () => {
  test('goes into the first message of the user where a server has no such role', async () => {
    const model = await scene.start(lacking(['system'], 400, named));
    const later = { role: 'assistant', content: 'Done.' } as const;
    await scene.ask(model, { ...DRAFT, messages: [...DRAFT.messages, later] });
    expect(scene.server.requests.at(-1)?.body['messages']).toEqual([
      { role: 'user', content: 'You write scripts.\n\nWrite one.' },
      later,
    ]);
  });
});

describe('a refusal without a reason', () => {
  test.each([400, 422, 501])('(%i) is put down to the likeliest, and only that is remembered', async (status) => {
    const model = await scene.start(lacking(['temperature'], status, silent));
    await scene.ask(model, DRAFT, FULL);
    await scene.ask(model, DRAFT, FULL);
    const seen = scene.server.requests.map((request) =>
      ['reasoning_effort', 'stream', 'temperature'].map((name) => uses[name]?.(request)),
    );
    expect(seen).toEqual([
      [true, true, true],
      [false, true, true],
      [false, false, true],
      [false, false, false],
      [true, true, false],
    ]);
  });

  test('is told as it came when nothing helps', async () => {
    const model = await scene.start((response, _request, nth) =>
      refuse(response, 400, { message: 'no', code: `first_${nth}` }),
    );
    const failure = await failureOf(scene.ask(model));
    expect(failure).toMatchObject({ type: 'ModelRequestRejected', details: [{ status: 400, code: 'first_1' }] });
    const sent = scene.server.requests.length;
    await failureOf(scene.ask(model));
    expect(scene.server.requests).toHaveLength(2 * sent);
    expect(await readdir(scene.directory)).toEqual([]);
  });

  test('is no reason to leave out what the server has taken before', async () => {
    let refusing = false;
    const model = await scene.start((response, request) => {
      if (refusing) refuse(response, 400, { message: 'no' });
      else answer(response, request);
    });
    await scene.ask(model, REVIEW, FULL);
    refusing = true;
    await failureOf(scene.ask(model, REVIEW, FULL));
    await failureOf(scene.ask(scene.anotherModel(), REVIEW, FULL));
    expect(scene.server.requests).toHaveLength(3);
  });

  test.each([
    [{ code: 'model_not_found' }],
    [{ message: 'The model `some-model` does not exist' }],
    [{ message: 'invalid model ID' }],
  ])('is not seen in one that minds the model: %j', async (error) => {
    const model = await scene.start((response) => refuse(response, 400, error));
    expect(await failureOf(scene.ask(model, REVIEW, FULL))).toMatchObject({ type: 'ModelRequestRejected' });
    expect(scene.server.requests).toHaveLength(1);
  });
});

describe('a server error without a reason', () => {
  test('is put down to a schema at once', async () => {
    const model = await scene.start(lacking(['json_schema'], 500, silent));
    await scene.ask(model, REVIEW);
    await scene.ask(model, REVIEW);
    expect(scene.server.requests.map(formatOf)).toEqual(['json_schema', 'json_object', 'json_object']);
  });

  test('is put down to other things only when it comes twice', async () => {
    const model = await scene.start(lacking(['system'], 500, silent));
    expect(await failureOf(scene.ask(model))).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
    expect(scene.server.requests).toHaveLength(1);
    await scene.ask(model);
    expect(scene.server.requests).toHaveLength(4);
    await scene.ask(model);
    expect(scene.server.requests).toHaveLength(5);
    expect(uses['stream']?.(scene.server.requests[4]!)).toBe(true);
  });

  test('teaches nothing when the server fails anyway', async () => {
    let down = true;
    const model = await scene.start((response, request) => {
      if (down) refuse(response, 500, { message: 'Internal error.' });
      else answer(response, request);
    });
    expect(await failureOf(scene.ask(model, REVIEW))).toMatchObject({ type: 'ModelUnreachable' });
    expect(scene.server.requests).toHaveLength(2);
    await failureOf(scene.ask(model, REVIEW));
    down = false;
    const sent = scene.server.requests.length;
    await scene.ask(model, REVIEW);
    expect(scene.server.requests.slice(sent).map(formatOf)).toEqual(['json_schema']);
  });
});

test.each([
  'max_tokens is too large: 500. This model supports at most 100 completion tokens, whereas you provided 500.',
  "'max_tokens' or 'max_completion_tokens' is too large: 500. This model's maximum context length is 400 tokens.",
  'max_tokens: 500 > 100, which is the maximum allowed number of output tokens',
])('a limit that is too large for the model is left out, but a smaller one tried: %s', async (message) => {
  const model = await scene.start((response, { body }, nth) => {
    if (Number(body['max_tokens'] ?? body['max_completion_tokens'] ?? 0) > 100) refuse(response, 400, { message });
    else answer(response, { body, headers: {}, url: String(nth) });
  });
  await scene.ask(model, DRAFT, FULL);
  await scene.ask(model, DRAFT, { ...FULL, maxTokens: 50 });
  expect(scene.server.requests.map(({ body }) => body['max_tokens'])).toEqual([500, undefined, 50]);
  expect(scene.server.requests.every(({ body }) => body['max_completion_tokens'] === undefined)).toBe(true);
});

describe('a stream that names no usage', () => {
  test('is an answer, and the last stream', async () => {
    const model = await scene.start((response, request) => {
      if (request.body['stream'] !== true) answer(response, request);
      else sendStream(response, [chunk({ content: 'hello' }), chunk({}, 'stop')]);
    });
    expect(await scene.ask(model)).toMatchObject({ text: 'hello', usage: { promptTokens: 0 } });
    expect(await scene.ask(model)).toMatchObject({ text: 'hello', usage: { promptTokens: 11 } });
    expect(await scene.ask(scene.anotherModel())).toMatchObject({ usage: { promptTokens: 11 } });
    expect(scene.server.requests.map(({ body }) => body['stream'])).toEqual([true, undefined, undefined]);
  });

  test('is no fault of a server that was asked for one and gave a whole answer', async () => {
    const model = await scene.start((response) =>
      sendJson(response, 200, completion({ content: 'a' }, { usage: null })),
    );
    await scene.ask(model);
    await scene.ask(model);
    expect(scene.server.requests.map(({ body }) => body['stream'])).toEqual([true, true]);
  });
});
