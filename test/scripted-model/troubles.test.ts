import { z } from 'zod';
import type { ActionInput } from './actions';
import type { LacksInput } from './lacks';
import { drawFault, FAULTS, type RandomFaults } from './random-faults';
import { startScriptedModel, type ScriptedModel, type ScriptedModelSettings } from './scripted-model';

let server: ScriptedModel | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

async function start(settings: ScriptedModelSettings): Promise<ScriptedModel> {
  server = await startScriptedModel(settings);
  return server;
}

async function startWith(action: ActionInput): Promise<ScriptedModel> {
  return start({ rules: [{ action }] });
}

function post({ baseUrl }: ScriptedModel, more: object = {}, call = 'run/3/draft/1'): Promise<Response> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(400) }], ...more });
  return fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers: { 'x-coppice-call': call }, body });
}

const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  completion_tokens_details: z.object({ reasoning_tokens: z.int() }),
});
const messageSchema = z.object({ content: z.string().nullish(), reasoning_content: z.string().optional() }).loose();
const completionSchema = z.object({
  choices: z.array(z.object({ message: messageSchema, finish_reason: z.string() })).default([]),
  usage: usageSchema.optional(),
});
const chunkSchema = z.object({
  choices: z.array(z.object({ delta: messageSchema, finish_reason: z.string().nullable() })),
  usage: usageSchema.optional(),
});

async function completionOf(response: Response): Promise<z.infer<typeof completionSchema>> {
  return completionSchema.parse(await response.json());
}

function chunksOf(stream: string): z.infer<typeof chunkSchema>[] {
  const events = stream.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]');
  return events.map((event) => chunkSchema.parse(JSON.parse(event.replace(/^data: /, ''))));
}

describe('streams', () => {
  const streamed = { stream: true, stream_options: { include_usage: true } };

  test('hold the same answer in parts, with the usage in the last one when it is asked for', async () => {
    const model = await start({});
    const whole = await completionOf(await post(model));
    const response = await post(model, streamed);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const text = await response.text();
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    const chunks = chunksOf(text);
    expect(chunks.length).toBeGreaterThan(5);
    const content = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? '')).join('');
    expect(content).toBe(whole.choices[0]?.message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(await (await post(model, { stream: true })).text()).not.toContain('usage');
    expect(model.served()).toMatchObject({ calls: 2, promptTokens: 200 });
  });

  test('fall silent, end in the middle, break and are ignored when told to', async () => {
    const model = await startWith({ type: 'answer', stream: { silentAfter: 2 } });
    const controller = new AbortController();
    const silent = await fetch(`${model.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'x-coppice-call': 'run/3/draft/1' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true }),
      signal: controller.signal,
    });
    const reader = silent.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"delta"');
    controller.abort();
    await reader?.closed.catch(() => undefined);

    model.control.addRules({ action: { type: 'cut', after: 'half' } });
    await expect((await post(model, streamed)).text()).rejects.toThrow();
    model.control.addRules({ action: { type: 'garbage', kind: 'stream_error' } });
    expect(await (await post(model, streamed)).text()).toMatch(/"delta"[^]*\{"error":\{/);
    model.control.addRules({ action: { type: 'garbage', kind: 'broken_stream' } });
    expect(await (await post(model, streamed)).text()).toMatch(/^data: \{"id": "scripted", "choi\n/);
    model.control.addRules({ action: { type: 'answer', inOnePiece: true } });
    expect((await completionOf(await post(model, streamed))).usage).toBeDefined();
    expect(model.served()).toMatchObject({ calls: 1 });
  });
});

describe('answers', () => {
  test.each<[string, ActionInput, object]>([
    ['null content', { type: 'answer', form: 'null_content' }, { choices: [{ message: { content: null } }] }],
    ['empty choices', { type: 'answer', form: 'empty_choices' }, { choices: [] }],
    ['a refusal', { type: 'answer', form: 'refusal' }, { choices: [{ message: { content: null } }] }],
    ['a filter', { type: 'answer', form: 'filtered' }, { choices: [{ finish_reason: 'content_filter' }] }],
    ['an unwanted tool call', { type: 'answer', form: 'tool_call' }, { choices: [{ finish_reason: 'tool_calls' }] }],
    [
      'thoughts in a field',
      { type: 'answer', reasoning: 'reasoning_content' },
      { choices: [{ message: { reasoning_content: expect.stringContaining('thought') as unknown } }] },
    ],
    [
      'thoughts in the text',
      { type: 'answer', reasoning: 'think' },
      { choices: [{ message: { content: expect.stringMatching(/^<think>/) as unknown } }] },
    ],
  ])('with %s are billed like any other', async (_name, action, expected) => {
    const model = await startWith(action);
    const completion = await completionOf(await post(model));
    expect(completion).toMatchObject(expected);
    expect(model.served()).toMatchObject({
      calls: 1,
      promptTokens: completion.usage?.prompt_tokens,
      completionTokens: completion.usage?.completion_tokens,
      reasoningTokens: completion.usage?.completion_tokens_details.reasoning_tokens,
    });
  });

  test('end where the request, the rule or the context has no more room', async () => {
    const model = await start({ contextTokens: 130, rules: [{ nth: 2, action: { type: 'answer', cutAt: 5 } }] });
    for (const [more, tokens] of [
      [{ max_completion_tokens: 10 }, 10],
      [{ max_tokens: 10 }, 5],
      [{}, 30],
    ] as const) {
      const { choices, usage } = await completionOf(await post(model, more));
      expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', tokens]);
    }
  });

  test('a prompt past the context is refused', async () => {
    const model = await start({ contextTokens: 99 });
    const response = await post(model);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('context_length_exceeded')]);
    expect(model.served().calls).toBe(0);
  });

  test('come by the tool that is offered, and from a callback', async () => {
    const answer: ScriptedModelSettings['answer'] = ({ node }, [first]) => `${node}: ${first?.content.length ?? 0}`;
    const model = await start({ answer });
    const tools = [{ type: 'function', function: { name: 'review' } }];
    const { choices } = await completionOf(await post(model, { tools }));
    expect(choices).toMatchObject([
      { message: { tool_calls: [{ function: { name: 'review', arguments: '3: 400' } }] }, finish_reason: 'tool_calls' },
    ]);
    expect((await completionOf(await post(model))).choices[0]?.message.content).toBe('3: 400');
  });
});

test.each<[LacksInput['lacks'][number], object]>([
  ['json_schema', { response_format: { type: 'json_schema', json_schema: {} } }],
  ['json_object', { response_format: { type: 'json_object' } }],
  ['tools', { tools: [{ function: { name: 'f' } }] }],
  ['temperature', { temperature: 0 }],
  ['seed', { seed: 1 }],
  ['stream', { stream: true }],
  ['stream_options', { stream: true, stream_options: { include_usage: true } }],
  ['system', { messages: [{ role: 'system', content: 'x' }] }],
  ['max_tokens', { max_tokens: 5 }],
  ['max_completion_tokens', { max_completion_tokens: 5 }],
  ['reasoning_effort', { reasoning_effort: 'low' }],
])('a server without %s refuses what wants it, and nothing else', async (lack, more) => {
  const model = await start({ lacks: { lacks: [lack] } });
  expect([(await post(model, more)).status, (await post(model)).status]).toEqual([400, 200]);
  expect(model.requests().map(({ fault }) => fault)).toEqual([`lacks ${lack}`, null]);
  await model.close();
  const silent = await start({ lacks: { lacks: [lack], status: 500 } });
  const response = await post(silent, more);
  expect([response.status, (await response.text()).includes(lack)]).toEqual([500, false]);
});

test.each([
  ['seconds', 'retry-after', '2'],
  ['milliseconds', 'retry-after-ms', '2000'],
] as const)('it asks to wait in %s', async (as, header, value) => {
  const model = await startWith({ type: 'refuse', status: 429, retryAfter: { ms: 2000, as } });
  expect((await post(model)).headers.get(header)).toBe(value);
});

test('away, it refuses connections; there again, it answers at the same address', async () => {
  const model = await start({});
  await model.control.down();
  await expect(post(model)).rejects.toThrow();
  await model.control.up();
  expect((await post(model)).status).toBe(200);
});

test('random faults strike by seed and call alone, in the share that was asked for', async () => {
  const faults: RandomFaults = { seed: 4, share: 0.25, kinds: ['server error', 'HTML'] };
  const call = (node: number) => ({ runId: 'run', node, purpose: 'draft', ask: 1 }) as const;
  const drawn = Array.from({ length: 1000 }, (_, node) => drawFault(faults, call(node), 1));
  expect(drawn.filter((fault) => fault !== null).length).toBeGreaterThan(200);
  expect(drawn.filter((fault) => fault !== null).length).toBeLessThan(300);
  expect(new Set(drawn)).toEqual(new Set([null, 'server error', 'HTML']));
  const model = await start({ randomFaults: { ...faults, share: 1, kinds: ['server error'] } });
  expect((await post(model)).status).toBe(500);
  expect(model.requests()).toMatchObject([{ fault: 'server error', status: 500, promptTokens: 0 }]);
});

test('every fault is one that the server can make', async () => {
  const model = await start({});
  const ends = Object.values<ActionInput>(FAULTS).filter((action) => action.type !== 'hold' && action.type !== 'down');
  for (const action of ends) {
    model.control.addRules({ action });
    if (action.type === 'answer' && action.stream?.silentAfter !== undefined) continue;
    await post(model, { stream: true }).then(
      (response) => response.text().catch(() => ''),
      () => '',
    );
  }
  expect(model.requests().length).toBeGreaterThan(30);
});
