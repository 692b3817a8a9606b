import { CancelledFailure } from '@temporalio/common';
import { createPropose } from '../../src/activities/propose';
import { proposalFileSchema } from '../../src/domain/node-record';
import { NO_USAGE } from '../../src/domain/usage';
import { answeredEnd } from '../../src/llm/call-attempts';
import { promptFileSchema } from '../../src/llm/call-files';
import { contentHash } from '../../src/store/content-hash';
import { writeJson } from '../../src/store/json-file';
import { modelAnswer } from '../helpers/fake-model';
import { writeRun } from '../helpers/run-fixture';
import { waitUntil } from '../helpers/wait-until';
import { hashOfMessages } from '../scripted-model/request';
import { draftOf, openModelSteps, quietEnvironment, RUN, type ModelSteps } from './model-step-fixture';

const NO_CODE = { type: 'answer', text: 'I would rather talk about it.' } as const;
const CUT_OFF = { type: 'answer', text: 'Plan.\n```python\nimport os', finishReason: 'length' } as const;

let steps: ModelSteps;

afterEach(() => steps.close());

async function promptOf(nodeId: number, purpose: 'draft' | 'improve' | 'debug', ask = 1) {
  return promptFileSchema.parse(await steps.readObject(steps.keys.node(nodeId).call(purpose, ask).prompt));
}

test('a draft stores step, prompt, answer, plan, script and proposal, and tells what it used', async () => {
  steps = await openModelSteps({});
  const result = await steps.propose(draftOf(1));
  const keys = steps.keys.node(1);
  const [request] = steps.server.requests();
  const usage = { calls: 1, promptTokens: request?.promptTokens, completionTokens: request?.completionTokens };
  expect(result).toMatchObject({ status: 'proposed', usage });
  expect(await steps.readText(keys.plan)).toMatch(/^Scripted draft for node 1/);
  const code = await steps.readText(keys.solution);
  expect(code).toContain('result.json');
  expect(await steps.readObject(keys.proposal)).toMatchObject({ status: 'proposed', codeHash: contentHash(code) });
  expect(await steps.readObject(keys.step)).toMatchObject({
    identity: { operator: 'draft', parent: null, parentCodeHash: null, hints: [] },
    decidedAfter: 0,
  });
  expect(request).toMatchObject({ call: 'run-1/1/draft/1', model: 'large', structured: false });
  expect(await promptOf(1, 'draft')).not.toHaveProperty('facts');
});

test('doing it again buys nothing and changes nothing', async () => {
  steps = await openModelSteps({});
  const first = await steps.propose(draftOf(1));
  const step = await steps.readText(steps.keys.node(1).step);
  await steps.store.remove(steps.keys.node(1).calls);
  expect(await steps.propose({ ...draftOf(1), stepsDone: 12 })).toEqual(first);
  expect(steps.server.requests()).toHaveLength(1);
  expect(await steps.readText(steps.keys.node(1).step)).toBe(step);
});

test('an answer that reached the store is used, not bought again', async () => {
  steps = await openModelSteps({});
  const first = await steps.propose(draftOf(1));
  const keys = steps.keys.node(1);
  const code = await steps.readText(keys.solution);
  for (const key of [keys.proposal, keys.plan, keys.solution]) await steps.store.remove(key);
  expect(await steps.propose(draftOf(1))).toEqual(first);
  expect(await steps.readText(keys.solution)).toBe(code);
  expect(steps.server.requests()).toHaveLength(1);
});

test('a stored prompt without an answer is sent as it stands, whatever happened meanwhile', async () => {
  steps = await openModelSteps({
    nodes: [{ id: 2, metric: 0.5 }],
    model: { rules: [{ nth: 1, action: { type: 'cut' } }] },
  });
  await expect(steps.propose(draftOf(1))).rejects.toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
  const prompt = await steps.readText(steps.keys.node(1).call('draft', 1).prompt);
  const later = { ...draftOf(1, { recent: [2] }), stepsDone: 7, secondsLeft: 60 };
  expect(await steps.propose(later)).toMatchObject({ status: 'proposed', usage: { calls: 1 } });
  expect(await steps.readText(steps.keys.node(1).call('draft', 1).prompt)).toBe(prompt);
  const hashes = steps.server.requests().map(({ promptHash }) => promptHash);
  expect(hashes).toEqual(Array(2).fill(hashOfMessages((await promptOf(1, 'draft')).messages)));
});

test('an unusable answer is stored, answered with what was wrong, and counted', async () => {
  steps = await openModelSteps({ model: { rules: [{ ask: 1, action: CUT_OFF }] } });
  const result = await steps.propose(draftOf(1));
  expect(result).toMatchObject({ status: 'proposed', usage: { calls: 2 } });
  expect(steps.answeredCalls()).toEqual(['run-1/1/draft/1', 'run-1/1/draft/2']);
  const [first, second] = [await promptOf(1, 'draft', 1), await promptOf(1, 'draft', 2)];
  expect(second.messages.slice(0, 2)).toEqual(first.messages);
  expect(second.messages[2]).toEqual({ role: 'assistant', content: CUT_OFF.text });
  expect(second.messages[3]?.content).toMatch(/cut off/);
});

test('three unusable answers make a failed node that keeps what it cost', async () => {
  steps = await openModelSteps({ model: { rules: [{ action: NO_CODE }] } });
  const result = await steps.propose(draftOf(1));
  expect(result).toMatchObject({ status: 'failed', reason: 'no_code', usage: { calls: 3 } });
  const proposal = proposalFileSchema.parse(await steps.readObject(steps.keys.node(1).proposal));
  expect(proposal).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('no ```python block') as string,
  });
  expect(await steps.store.exists(steps.keys.node(1).solution)).toBe(false);
  expect(await steps.propose(draftOf(1))).toEqual(result);
  expect(steps.server.requests()).toHaveLength(3);
});

test('a re-ask that was interrupted goes on from the last stored answer', async () => {
  steps = await openModelSteps({
    model: {
      rules: [
        { ask: 1, action: NO_CODE },
        { ask: 2, nth: 1, action: { type: 'respond', status: 503 } },
      ],
    },
  });
  await expect(steps.propose(draftOf(1))).rejects.toMatchObject({ type: 'ModelUnreachable' });
  expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: { calls: 2 } });
  expect(steps.answeredCalls()).toEqual(['run-1/1/draft/1', 'run-1/1/draft/2']);
});

test('an improvement works from its parent and from what was tried', async () => {
  const nodes = [
    { id: 1, metric: 0.5, code: 'print("one")\n', output: 'fold 1\n', title: 'A forest' },
    { id: 2, reason: 'exception' as const, title: 'A net' },
  ];
  steps = await openModelSteps({ nodes });
  await steps.propose({ ...draftOf(3, { best: [1], failed: [2] }), operator: 'improve', parent: 1 });
  const text = (await promptOf(3, 'improve')).messages.map(({ content }) => content).join('\n');
  for (const part of ['print("one")', 'fold 1', 'Predict the price', '#2 (draft, failed', 'A net'])
    expect(text).toContain(part);
});

describe('a stored step is moved to superseded and made anew when it was made', () => {
  const improve = { ...draftOf(3), operator: 'improve' as const, parent: 1 };

  test.each([
    ['by another operator', { ...improve, operator: 'debug' as const }, 'same'],
    ['from another parent with the same code', { ...improve, parent: 2 }, 'same'],
    ['from other code of its parent', improve, 'changed'],
    ['from a parent, and not afresh', draftOf(3), 'same'],
  ])('%s', async (_name, input, parentCode) => {
    const code = 'print("same")\n';
    steps = await openModelSteps({ nodes: [1, 2].map((id) => ({ id, metric: 0.5, code })) });
    await steps.propose(improve);
    const earlier = await steps.readText(steps.keys.node(3).step);
    await steps.propose(improve);
    expect(steps.server.requests()).toHaveLength(1);
    await steps.store.write(steps.keys.node(1).solution, `print("${parentCode}")\n`);

    expect(await steps.propose(input)).toMatchObject({ status: 'proposed', usage: { calls: 1 } });
    expect(await steps.store.list(steps.keys.supersededDirectory)).toEqual(['3-1']);
    expect(await steps.readText(steps.keys.superseded('3-1/step.json'))).toBe(earlier);
    const parentCodeHash = input.parent === null ? null : contentHash(`print("${parentCode}")\n`);
    const identity = { operator: input.operator, parent: input.parent, parentCodeHash };
    expect(await steps.readObject(steps.keys.node(3).step)).toMatchObject({ identity });
    expect(steps.answeredCalls()).toEqual(['run-1/3/improve/1', `run-1/3/${input.operator}/1`]);
  });
});

test('each kind of step asks the model that the run names for it', async () => {
  steps = await openModelSteps({ nodes: [{ id: 1, reason: 'exception' }] });
  await steps.propose(draftOf(2));
  await steps.propose({ ...draftOf(3), operator: 'debug', parent: 1 });
  expect(steps.server.requests().map(({ model }) => model)).toEqual(['large', 'medium']);
});

test('a repair tells of its line of attempts and shows the failure', async () => {
  const nodes = [
    { id: 1, reason: 'exception' as const, message: 'KeyError: colour', title: 'First try' },
    { id: 2, parent: 1, operator: 'debug' as const, reason: 'timeout' as const, message: 'ended after 60 s' },
  ];
  steps = await openModelSteps({ nodes });
  await steps.propose({ ...draftOf(3, { ancestors: [2, 1] }), operator: 'debug', parent: 2 });
  const text = (await promptOf(3, 'debug')).messages.map(({ content }) => content).join('\n');
  for (const part of ['ended after 60 s', '(timeout)', 'First try', "print('node 2')"]) expect(text).toContain(part);
  expect(text).not.toContain('- #2 (');
});

describe('a refusal of the model server reaches Temporal typed:', () => {
  test.each([
    [{ status: 401 }, { type: 'ModelKeyRejected', nonRetryable: true }],
    [
      { status: 429, body: '{"error": {"message": "no money", "code": "insufficient_quota"}}' },
      { type: 'ModelQuotaExhausted', nonRetryable: true },
    ],
    [
      { status: 429, headers: { 'retry-after': '3' } },
      { type: 'ModelUnreachable', nonRetryable: false, nextRetryDelay: 3000 },
    ],
    [{ status: 404 }, { type: 'ModelRequestRejected', nonRetryable: true }],
  ])('%j', async (response, failure) => {
    steps = await openModelSteps({ model: { rules: [{ nth: 1, action: { type: 'respond', ...response } }] } });
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject(failure);
    expect(steps.server.requests()).toHaveLength(1);
    expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: { calls: 1 } });
  });
});

test('a missing run is a failure of the store that names the file', async () => {
  steps = await openModelSteps({});
  await steps.store.remove(steps.keys.run);
  await expect(steps.propose(draftOf(1))).rejects.toMatchObject({
    type: 'StoreUnavailable',
    nonRetryable: false,
    message: expect.stringContaining('run-1/run.json') as string,
  });
});

test('heartbeats go on while the model thinks, and a cancellation ends the call', async () => {
  steps = await openModelSteps({ model: { rules: [{ action: { type: 'hold' } }] } });
  const environment = quietEnvironment();
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const { store, client } = steps;
  const propose = createPropose({ store, createModel: () => client, isRateLimited: () => false });
  const run = environment.run(propose, draftOf(1));
  const outcome = expect(run).rejects.toBeInstanceOf(CancelledFailure);
  await waitUntil('the second heartbeat', () => beats >= 2);
  expect(steps.server.requests()).toHaveLength(1);
  environment.cancel();
  await outcome;
  const keys = steps.keys.node(1).call('draft', 1);
  expect([await steps.store.exists(keys.prompt), await steps.store.exists(keys.response)]).toEqual([true, false]);
});

test('of two attempts at once the answer that is stored first counts for both, and what both used', async () => {
  steps = await openModelSteps({ model: { rules: [{ action: { type: 'hold' } }] } });
  const attempt = steps.propose(draftOf(1));
  await waitUntil('the call to arrive', () => steps.server.requests().length === 1);
  const call = steps.keys.node(1).call('draft', 1);
  const other = modelAnswer('Plan.\n```python\nimport os\n```', { promptTokens: 1000, completionTokens: 2000 });
  const sent = { endpoint: 'endpoint', model: 'large', sentAt: other.sentAt, endedAt: other.sentAt };
  await writeJson(steps.store, call.attempt(2), { ...sent, ...answeredEnd(other) });
  await writeJson(steps.store, call.response, other);
  steps.server.control.release();
  const result = await attempt;
  const [request] = steps.server.requests();
  expect(result).toMatchObject({
    status: 'proposed',
    usage: {
      calls: 2,
      promptTokens: 1000 + (request?.promptTokens ?? 0),
      completionTokens: 2000 + (request?.completionTokens ?? 0),
    },
  });
  expect(await steps.readText(steps.keys.node(1).solution)).toBe('import os\n');
});

describe('with the offline model', () => {
  test('a draft works from facts that are kept with the prompt, and calls nothing', async () => {
    const nodes = [{ id: 1, metric: 0.5 }, { id: 2, reason: 'exception' as const }, { id: 3 }];
    steps = await openModelSteps({ nodes, offline: true });
    const context = { siblings: [1, 2, 3], best: [1], recent: [1, 2], failed: [2] };
    expect(await steps.propose(draftOf(4, context))).toEqual({
      status: 'proposed',
      usage: { ...NO_USAGE, calls: 1 },
    });
    const { facts } = await promptOf(4, 'draft');
    expect(facts).toMatchObject({ seed: 7, nodeId: 4, operator: 'draft', parent: null, best: { id: 1, metric: 0.5 } });
    expect(facts?.tried.map(({ id, status }) => [id, status])).toEqual([
      [1, 'working'],
      [2, 'failed'],
      [3, 'in_flight'],
    ]);
    expect(steps.server.requests()).toHaveLength(0);
  });

  test('an improvement knows its parent whole and what else was tried', async () => {
    steps = await openModelSteps({ offline: true });
    for (const id of [1, 2]) await steps.propose(draftOf(id));
    const code = await steps.readText(steps.keys.node(1).solution);
    await writeRun(steps.store, { runId: RUN, nodes: [{ id: 1, metric: 0.25, code, output: 'fold 1\n' }] });
    const improve = { ...draftOf(3, { siblings: [2], best: [1] }), operator: 'improve' as const, parent: 1 };
    expect(await steps.propose(improve)).toMatchObject({ status: 'proposed' });
    const { facts } = await promptOf(3, 'improve');
    expect(facts?.parent).toMatchObject({ id: 1, code, status: 'working', metric: 0.25, outputTail: 'fold 1' });
    expect(facts?.best).toEqual({ id: 1, metric: 0.25 });
    expect(facts?.tried).toMatchObject([{ id: 2, code: expect.stringMatching(/^# recipe: [^\n]*$/) as string }]);
  });
});
