import type { ReviewInput } from '../../src/domain/steps';
import { promptFileSchema } from '../../src/llm/call-files';
import { contentHash } from '../../src/store/content-hash';
import { writeJson } from '../../src/store/json-file';
import { draftOf, openModelSteps, type ModelSteps } from './model-step-fixture';
import type { RuleInput } from '../scripted-model/rules';
import type { FixtureNode } from '../helpers/run-fixture';

const CODE = "print('node 2')\n";
const FINISHED: FixtureNode = { id: 2, stage: 'reviewing', code: CODE, output: 'fold 1\n', plan: 'Use a forest.' };

let steps: ModelSteps;

afterEach(() => steps.close());

function open(rules: readonly RuleInput[] = [], node: FixtureNode = FINISHED, plainOnly = false) {
  return openModelSteps({ nodes: [{ id: 1, metric: 0.5 }, node], model: { rules, plainOnly } });
}

function says(text: string): RuleInput {
  return { action: { type: 'answer', text } };
}

test('a review shows the reviewer the script and stores verdict and summary once', async () => {
  steps = await open();
  const result = await steps.review(2);
  expect(result).toMatchObject({ verdict: 'sound', usage: { calls: 1 } });
  expect(await steps.readObject(steps.keys.node(2).review)).toEqual({
    codeHash: contentHash(CODE),
    verdict: 'sound',
    summary: expect.stringContaining('node 2') as string,
    lesson: expect.objectContaining({ result: 'failed: no score' }) as unknown,
    usage: result.usage,
  });
  const prompt = promptFileSchema.parse(await steps.readObject(steps.keys.node(2).call('review', 1).prompt));
  const text = prompt.messages.map(({ content }) => content).join('\n');
  for (const part of ['Use a forest.', CODE.trim(), 'fold 1', 'rmse']) expect(text).toContain(part);
  expect(steps.server.requests()).toMatchObject([{ model: 'small', structured: true }]);
  expect(await steps.review(2)).toEqual(result);
  expect(steps.server.requests()).toHaveLength(1);
});

test('a bug that the reviewer finds is a verdict', async () => {
  steps = await open([says('{"is_bug": true, "summary": "It learns from the rows it is measured on."}')]);
  expect(await steps.review(2)).toMatchObject({ verdict: 'bug' });
});

test('a server without structured output is asked in plain words', async () => {
  steps = await open([says('Sure:\n```json\n{"is_bug": false, "summary": "Good."}\n```')], FINISHED, true);
  expect(await steps.review(2)).toMatchObject({ verdict: 'sound', usage: { calls: 1 } });
  expect(steps.server.requests()[0]).toMatchObject({ structured: true, status: 400 });
  expect(steps.server.requests().at(-1)).toMatchObject({ structured: false, status: 200 });
});

const ANSWER = { is_bug: false, idea: 'A forest.', change: 'More trees.', lesson: 'Better than its parent, by trees.' };

describe('what was learnt', () => {
  const child = (outcome: Partial<FixtureNode>): FixtureNode => ({ ...FINISHED, parent: 1, ...outcome });

  test.each<[string, FixtureNode, boolean, string]>([
    ['better than its parent', child({ metric: 0.25 }), false, 'rmse 0.25; its parent had 0.5; the best had 0.4'],
    [
      'in doubt',
      child({ metric: 0.001 }),
      true,
      'rmse 0.001; its parent had 0.5; the best had 0.4; the reviewer does not trust it',
    ],
    ['without a parent', { ...FINISHED, metric: 0.25 }, false, 'rmse 0.25; the best had 0.4'],
    ['of a failed parent', child({ metric: 0.25, parent: 4 }), false, 'rmse 0.25; its parent failed; the best had 0.4'],
    [
      'of the best',
      child({ metric: 0.25, parent: 3 }),
      false,
      'rmse 0.25; its parent had 0.4; the parent was the best',
    ],
    [
      'failed',
      child({ reason: 'exception', message: 'KeyError: colour\nin line 3' }),
      false,
      'failed: the script ended with an error (KeyError: colour)',
    ],
  ])('from a node %s is kept with the result as coppice knows it', async (_name, node, isBug, result) => {
    const others = [
      { id: 1, metric: 0.5 },
      { id: 3, metric: 0.4 },
      { id: 4, reason: 'timeout' as const },
    ];
    steps = await openModelSteps({
      nodes: [...others, node],
      model: { rules: [says(JSON.stringify({ ...ANSWER, is_bug: isBug }))] },
    });
    await steps.store.remove(steps.keys.node(2).review);
    await setBest({ id: 3, metric: 0.4 });
    await steps.review(2);
    const { idea, change, lesson } = ANSWER;
    expect(await steps.readObject(steps.keys.node(2).review)).toMatchObject({
      verdict: isBug ? 'bug' : 'sound',
      lesson: { idea, change, lesson, result },
      summary: expect.stringContaining('by trees') as string,
    });
  });

  test('is no more than a summary in the answers of older prompts', async () => {
    steps = await open([says('{"is_bug": false, "summary": "Good."}')]);
    await steps.review(2);
    expect(await steps.readObject(steps.keys.node(2).review)).toMatchObject({ summary: 'Good.', lesson: null });
  });

  async function setBest(best: { id: number; metric: number }): Promise<void> {
    const state = (await steps.readObject(steps.keys.state)) as object;
    await writeJson(steps.store, steps.keys.state, { ...state, best });
  }
});

test.each<[name: string, rule: RuleInput, input: Partial<ReviewInput>, calls: number, summary: RegExp]>([
  [
    'refuses',
    { action: { type: 'answer', text: 'No.', form: 'refusal' } },
    {},
    1,
    /not reviewed, the reviewer refused/,
  ],
  ['cannot be paid', says('never'), { moneyLeft: { tokens: 0, costUsd: null } }, 0, /not reviewed, the run's cap/],
])('a reviewer that %s leaves the node unreviewed', async (_name, rule, input, calls, summary) => {
  steps = await open([rule], { ...FINISHED, metric: 0.25 });
  await steps.store.remove(steps.keys.node(2).review);
  expect(await steps.review(2, input)).toMatchObject({ verdict: 'unreviewed', usage: { calls } });
  expect(await steps.readObject(steps.keys.node(2).review)).toMatchObject({
    summary: expect.stringMatching(summary) as string,
    lesson: null,
  });
  expect(await steps.review(2)).toMatchObject({ verdict: 'unreviewed' });
  expect(steps.server.requests()).toHaveLength(calls);
});

test('an answer that was stored is not bought again', async () => {
  steps = await open();
  const first = await steps.review(2);
  await steps.store.remove(steps.keys.node(2).review);
  expect(await steps.review(2)).toEqual(first);
  expect(steps.server.requests()).toHaveLength(1);
});

test('an unusable answer is asked for again', async () => {
  steps = await open([{ ask: 1, ...says('It looks fine to me.') }]);
  expect(await steps.review(2)).toMatchObject({ verdict: 'sound', usage: { calls: 2 } });
  expect(steps.answeredCalls()).toEqual(['run-1/2/review/1', 'run-1/2/review/2']);
});

test.each<[string, FixtureNode, RegExp]>([
  ['a node with a score', { ...FINISHED, metric: 0.25 }, /^rmse 0\.25; not reviewed/],
  [
    'a failed node',
    { ...FINISHED, reason: 'exception', message: 'KeyError: colour' },
    /^Failed: the script ended with an error\. KeyError: colour$/,
  ],
])(
  'a reviewer that never answers usefully leaves %s unreviewed, with the facts for a summary',
  async (_name, node, summary) => {
    steps = await open([says('No comment.')], node);
    await steps.store.remove(steps.keys.node(2).review);
    expect(await steps.review(2)).toMatchObject({ verdict: 'unreviewed', usage: { calls: 3 } });
    expect(await steps.readObject(steps.keys.node(2).review)).toMatchObject({
      summary: expect.stringMatching(summary) as string,
    });
  },
);

test('the review of an earlier script is moved out of the way with its calls', async () => {
  steps = await open();
  await steps.review(2);
  await steps.store.write(steps.keys.node(2).solution, 'print("new")\n');
  await steps.review(2);
  expect(steps.server.requests()).toHaveLength(2);
  expect(await steps.store.list(steps.keys.superseded('2-review-1'))).toEqual(['calls', 'review.json']);
  expect(await steps.readObject(steps.keys.node(2).review)).toMatchObject({ codeHash: contentHash('print("new")\n') });
});

test('the offline model reviews from facts about the run of the script', async () => {
  const nodes = [
    { id: 1, metric: 0.5 },
    { ...FINISHED, parent: 1, metric: 0.25 },
  ];
  steps = await openModelSteps({ nodes, offline: true });
  await steps.store.remove(steps.keys.node(2).review);
  expect(await steps.review(2)).toMatchObject({ verdict: 'sound', usage: { calls: 1, promptTokens: 0 } });
  const { facts } = promptFileSchema.parse(await steps.readObject(steps.keys.node(2).call('review', 1).prompt));
  expect(facts).toMatchObject({
    operator: 'improve',
    parent: { id: 1, metric: 0.5 },
    execution: { code: CODE, status: 'ok', metric: 0.25, outputTail: 'fold 1' },
  });
  expect(steps.server.requests()).toHaveLength(0);
});

test('a review before the script ran names the missing file', async () => {
  steps = await openModelSteps({});
  await steps.propose(draftOf(1));
  await expect(steps.review(1)).rejects.toMatchObject({
    type: 'StoreUnavailable',
    message: expect.stringContaining('run-1/nodes/1/execution.json is missing') as string,
  });
});
