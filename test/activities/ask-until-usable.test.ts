import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import type { ResolvedModel } from '../../src/domain/resolved-model';
import type { ProposeResult } from '../../src/domain/steps';
import { NO_USAGE, type Usage } from '../../src/domain/usage';
import { readAttempts } from '../../src/llm/call-attempts';
import { promptFileSchema, refusalFileSchema, type AttemptFile } from '../../src/llm/call-files';
import type { CallFailureDetails, ModelCall, ModelRequest } from '../../src/llm/model';
import { createDirectoryStore } from '../../src/store/directory-store';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { failingStore } from '../helpers/failing-store';
import { fakeModel, modelAnswer, type FakeModel, type Reply } from '../helpers/fake-model';
import { resolvedModel } from '../helpers/resolved-models';
import { draftOf, stepsOn, writeModelRun, type Steps } from './model-step-fixture';

const SCRIPT = 'A plan.\n```python\nimport os\n```';
const CUT_OFF = 'A plan.\n```python\nimport os';
const NO_CODE = 'I would rather talk about it.';

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-ask-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true }));

interface Scene {
  readonly steps: Steps;
  readonly model: FakeModel;
  readonly prompt: (ask: number) => Promise<ModelRequest>;
  readonly attempts: (ask: number) => Promise<AttemptFile[]>;
}

/** Node 1 is to be drafted; `replies` are given in turn, each prompt's attempts among them. */
async function scene(
  replies: readonly Reply[] | ((call: ModelCall, nth: number) => Reply),
  options: { readonly models?: readonly ResolvedModel[]; readonly limited?: boolean } = {},
): Promise<Scene> {
  await writeModelRun(store, [], options.models ?? [resolvedModel()]);
  const model = fakeModel((call, nth) => {
    if (typeof replies === 'function') return replies(call, nth);
    return replies[nth - 1] ?? new Error(`call ${nth} was not expected`);
  });
  const isRateLimited = () => options.limited === true;
  const steps = stepsOn(store, { createModel: () => model, isRateLimited });
  const call = (ask: number) => steps.keys.node(1).call('draft', ask);
  return {
    steps,
    model,
    prompt: async (ask) => promptFileSchema.parse(await steps.readObject(call(ask).prompt)),
    attempts: (ask) => readAttempts(store, call(ask)),
  };
}

function failure(type: FailureType, details: Partial<CallFailureDetails> = {}): ApplicationFailure {
  const nonRetryable = type !== FailureType.ModelUnreachable;
  return ApplicationFailure.create({
    message: `the server says ${type}`,
    type,
    nonRetryable,
    details: [{ host: 'host', status: null, code: null, requestId: null, usage: null, ...details }],
  });
}

const tooLong = (): ApplicationFailure => failure(FailureType.ContextTooLong, { status: 400 });

function used(calls: number, tokens: Partial<Usage> = {}): Usage {
  return { ...NO_USAGE, calls, promptTokens: 100 * calls, completionTokens: 10 * calls, ...tokens };
}

describe('an answer that was cut off', () => {
  const cut = (completionTokens: number): Reply =>
    modelAnswer(CUT_OFF, { completionTokens }, { finishReason: 'length' });

  test('is asked for again with twice the room that it had used', async () => {
    const { steps, model, prompt } = await scene([cut(700), cut(1400), modelAnswer(SCRIPT)]);
    expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: { calls: 3 } });
    expect(model.calls.map(({ request }) => request.maxTokens)).toEqual([undefined, 1400, 2800]);
    const [first, second] = [await prompt(1), await prompt(2)];
    expect(second.messages.slice(0, first.messages.length)).toEqual(first.messages);
    expect(second.messages.at(-1)?.content).toMatch(/cut off/);
  });

  test('gets no more room than the context has, and no less than before', async () => {
    const answers = [cut(700), cut(900), modelAnswer(SCRIPT)];
    const { steps, model } = await scene(answers, { models: [resolvedModel({ contextTokens: 1200 })] });
    await steps.propose(draftOf(1));
    const [, second, third] = model.calls.map(({ request }) => request.maxTokens);
    expect(second).toBeGreaterThan(700);
    expect(second).toBeLessThan(1000);
    expect(third).toBe(900);
  });

  test('gets room even where the server names no usage', async () => {
    const silent = modelAnswer(CUT_OFF, { promptTokens: 0, completionTokens: 0 }, { finishReason: 'length' });
    const { steps, prompt } = await scene([silent, modelAnswer(SCRIPT)]);
    await steps.propose(draftOf(1));
    expect((await prompt(2)).maxTokens).toBe(1000);
  });

  test('is used when only words after the whole script are missing', async () => {
    const { steps } = await scene([modelAnswer(`${SCRIPT}\nThis scr`, {}, { finishReason: 'length' })]);
    expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: { calls: 1 } });
  });

  test('is not used when it holds a script without a fence, whose end nobody can see', async () => {
    const bare = 'import os\nimport sys\n\nprint(os.getcwd())\nprint(sys.ar';
    const { steps } = await scene([modelAnswer(bare, {}, { finishReason: 'length' }), modelAnswer(SCRIPT)]);
    expect(await steps.propose(draftOf(1))).toMatchObject({ usage: { calls: 2 } });
  });
});

describe('a prompt that does not fit the context', () => {
  test('is made smaller until it does, and what did not fit is not sent again', async () => {
    const { steps, model, prompt } = await scene([tooLong(), tooLong(), modelAnswer(SCRIPT)]);
    const result = await steps.propose(draftOf(1));
    expect(result).toEqual({ status: 'proposed', usage: used(1) });
    expect([await prompt(1), await prompt(2), await prompt(3)].map(({ shrunk }) => shrunk)).toEqual([0, 1, 2]);
    const refusal = await steps.readObject(steps.keys.node(1).call('draft', 1).refusal);
    expect(refusalFileSchema.parse(refusal).message).toMatch(/ContextTooLong/);

    await store.remove(steps.keys.node(1).proposal);
    expect(await steps.propose(draftOf(1))).toEqual(result);
    expect(model.calls).toHaveLength(3);
  });

  test('that cannot be made small enough is refused in words that say what to do, and only its last is sent again', async () => {
    const { steps, model } = await scene((_call, nth) => (nth <= 5 ? tooLong() : modelAnswer(SCRIPT)));
    const failed = { type: 'ModelRequestRejected', nonRetryable: true };
    const message = expect.stringMatching(/does not fit the context of model "large".*larger context/) as string;
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject({ ...failed, message });
    expect(model.asked()).toEqual(['draft/1', 'draft/2', 'draft/3', 'draft/4']);
    // A person may give the server a larger context and resume the run.
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject(failed);
    expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: used(1) });
    expect(model.asked().slice(4)).toEqual(['draft/4', 'draft/4']);
  });

  test('after an unusable answer is made smaller without it, and keeps its room', async () => {
    const cut = modelAnswer(CUT_OFF, { completionTokens: 600 }, { finishReason: 'length' });
    const { steps, prompt } = await scene([cut, tooLong(), modelAnswer(NO_CODE), modelAnswer(SCRIPT)]);
    expect(await steps.propose(draftOf(1))).toMatchObject({ status: 'proposed', usage: { calls: 3 } });
    const [first, , third, fourth] = await Promise.all([1, 2, 3, 4].map(prompt));
    expect(third).toMatchObject({ shrunk: 1, maxTokens: 1200 });
    expect(third?.messages).toHaveLength(first?.messages.length ?? 0);
    expect(fourth?.messages.slice(0, third?.messages.length)).toEqual(third?.messages);
  });
});

test('a prompt that is too long twice after an answer that was cut off goes without the room', async () => {
  const cut = modelAnswer(CUT_OFF, { completionTokens: 600 }, { finishReason: 'length' });
  const { steps, model } = await scene([cut, tooLong(), tooLong(), modelAnswer(SCRIPT)]);
  await steps.propose(draftOf(1));
  expect(model.calls.map(({ request }) => [request.shrunk, request.maxTokens])).toEqual([
    [0, undefined],
    [0, 1200],
    [1, 1200],
    [2, undefined],
  ]);
});

describe('a refusal', () => {
  test('makes a failed node with its reason, and is not argued with', async () => {
    const { steps, model } = await scene([modelAnswer('', {}, { refusal: 'I cannot help with diamonds.' })]);
    const result = await steps.propose(draftOf(1));
    expect(result).toEqual({ status: 'failed', reason: 'model_refused', usage: used(1) });
    expect(await steps.readObject(steps.keys.node(1).proposal)).toMatchObject({
      message: 'the model refused to answer: I cannot help with diamonds.',
    });
    expect(await steps.propose(draftOf(1))).toEqual(result);
    expect(model.calls).toHaveLength(1);
  });

  test('counts even beside a usable answer', async () => {
    const { steps } = await scene([modelAnswer(SCRIPT, {}, { refusal: 'filtered' })]);
    expect(await steps.propose(draftOf(1))).toMatchObject({ reason: 'model_refused' });
  });
});

describe('money', () => {
  const capped = (left: Partial<{ tokens: number; costUsd: number }>) => ({
    ...draftOf(1),
    moneyLeft: { tokens: null, costUsd: null, ...left },
  });
  const noCode = modelAnswer(NO_CODE, { costUsd: 0.25 });

  test.each([
    [{ tokens: 111 }, 2],
    [{ tokens: 110 }, 1],
    [{ tokens: 220 }, 2],
    [{ costUsd: 0.25 }, 1],
    [{ costUsd: 0.26 }, 2],
    [{ tokens: 0 }, 0],
    [{ costUsd: 0 }, 0],
    [{ tokens: 1000, costUsd: 1 }, 3],
  ])('with %j left a step asks %i times', async (left, asks) => {
    const { steps, model } = await scene([noCode, noCode, noCode]);
    expect(await steps.propose(capped(left))).toEqual({
      status: 'failed',
      reason: 'no_code',
      usage: used(asks, { costUsd: 0.25 * asks }),
    });
    expect(model.calls).toHaveLength(asks);
    const { message } = (await steps.readObject(steps.keys.node(1).proposal)) as { message: string };
    expect(message).toMatch(asks === 3 ? /in 3 answers/ : /cap was reached/);
  });

  test('that an earlier attempt used counts, also where it got no answer', async () => {
    const broken = failure(FailureType.ModelUnreachable, { status: 200, usage: used(1) });
    const { steps, model } = await scene([broken, modelAnswer(SCRIPT)]);
    await expect(steps.propose(capped({ tokens: 110 }))).rejects.toMatchObject({ type: 'ModelUnreachable' });
    expect(await steps.propose(capped({ tokens: 110 }))).toMatchObject({ status: 'failed', usage: used(1) });
    expect(model.calls).toHaveLength(1);
  });

  test('is no reason to leave an answer that is stored already', async () => {
    const { steps } = await scene([modelAnswer(SCRIPT)]);
    await steps.propose(capped({ tokens: 1 }));
    await store.remove(steps.keys.node(1).proposal);
    expect(await steps.propose(capped({ tokens: 1 }))).toMatchObject({ status: 'proposed' });
  });

  test('of an unknown amount holds no cap', async () => {
    const { steps, model } = await scene([modelAnswer(NO_CODE, { costUsd: null })]);
    await steps.propose(capped({ costUsd: 100 }));
    expect(model.calls).toHaveLength(1);
  });
});

describe('under a limit on requests', () => {
  /** Repeats the step as Temporal would while it asks for another attempt. */
  async function untilDone({ steps, model }: Scene): Promise<{ result: ProposeResult; callsOfAttempts: number[] }> {
    const callsOfAttempts: number[] = [];
    for (;;) {
      const before = model.calls.length;
      try {
        const result = await steps.propose(draftOf(1));
        return { result, callsOfAttempts: [...callsOfAttempts, model.calls.length - before] };
      } catch (error) {
        expect(error).toMatchObject({ type: 'AskAgain', nonRetryable: false, nextRetryDelay: 100 });
        callsOfAttempts.push(model.calls.length - before);
      }
    }
  }

  test('each attempt sends one request and goes on from what is stored', async () => {
    const replies = [modelAnswer(NO_CODE), tooLong(), modelAnswer(NO_CODE), modelAnswer(SCRIPT)];
    const limited = await scene(replies, { limited: true });
    const { result, callsOfAttempts } = await untilDone(limited);
    expect(result).toEqual({ status: 'proposed', usage: used(3) });
    expect(callsOfAttempts).toEqual([1, 1, 1, 1]);
    expect(limited.model.asked()).toEqual(['draft/1', 'draft/2', 'draft/3', 'draft/4']);
  });

  test('the last answer needs no further attempt', async () => {
    const limited = await scene([modelAnswer(NO_CODE), modelAnswer(NO_CODE), modelAnswer(NO_CODE)], { limited: true });
    expect((await untilDone(limited)).callsOfAttempts).toEqual([1, 1, 1]);
  });

  test('what the client itself wants to ask again is a further attempt at the same prompt', async () => {
    const limited = await scene([failure(FailureType.AskAgain, { status: 400 }), modelAnswer(SCRIPT)]);
    await expect(limited.steps.propose(draftOf(1))).rejects.toMatchObject({ type: 'AskAgain' });
    expect(await limited.steps.propose(draftOf(1))).toEqual({ status: 'proposed', usage: used(1) });
    expect(await limited.attempts(1)).toMatchObject([
      { outcome: 'failed', status: 400, failure: 'AskAgain: the server says AskAgain' },
      { outcome: 'answered', usage: used(1) },
    ]);
  });
});

describe('the attempts of a call tell', () => {
  test('what each cost, also those without a usable answer', async () => {
    const empty = failure(FailureType.ModelUnreachable, { status: 200, usage: used(1, { reasoningTokens: 7 }) });
    const down = failure(FailureType.ModelUnreachable);
    const { steps, attempts } = await scene([empty, down, modelAnswer(SCRIPT)]);
    const unreachable = { type: 'ModelUnreachable' };
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject(unreachable);
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject(unreachable);
    expect(await steps.propose(draftOf(1))).toEqual({ status: 'proposed', usage: used(2, { reasoningTokens: 7 }) });
    const [first, second, third] = await attempts(1);
    expect(first).toMatchObject({ outcome: 'failed', status: 200, usage: used(1, { reasoningTokens: 7 }) });
    expect(second).toMatchObject({ outcome: 'failed', status: null, usage: null });
    expect(third).toMatchObject({ outcome: 'answered', endpoint: 'endpoint', model: 'large', usage: used(1) });
    for (const attempt of [first, second, third]) expect(attempt?.endedAt).not.toBeNull();
  });

  test('that a cancelled call was cancelled', async () => {
    const { steps, attempts } = await scene([new CancelledFailure('the run was cancelled')]);
    await expect(steps.propose(draftOf(1))).rejects.toBeInstanceOf(CancelledFailure);
    expect(await attempts(1)).toMatchObject([{ outcome: 'cancelled', usage: null }]);
  });

  test('that a call was open when its worker was killed', async () => {
    await writeModelRun(store, [], [resolvedModel()]);
    const model = fakeModel(() => modelAnswer(SCRIPT));
    // Changes: step, prompt, the attempt's beginning, its end.
    const killed = failingStore(store, { change: 4, when: 'before' });
    await expect(stepsOn(killed, { createModel: () => model }).propose(draftOf(1))).rejects.toThrow(/attempt-1/);
    expect(model.calls).toHaveLength(1);
    const next = await scene([modelAnswer(SCRIPT)]);
    expect(await next.steps.propose(draftOf(1))).toEqual({ status: 'proposed', usage: used(1) });
    expect(await next.attempts(1)).toMatchObject([{ endedAt: null, outcome: null }, { outcome: 'answered' }]);
  });

  test('of two that ran at once and took the same number, what both used', async () => {
    const { steps, attempts } = await scene([]);
    const call = steps.keys.node(1).call('draft', 1);
    const other = { endpoint: 'endpoint', model: 'large', endedAt: null, outcome: null, failure: null, status: null };
    const overwriting = fakeModel(async () => {
      const file = { ...other, sentAt: '2020-01-01T00:00:00.000Z', usage: null };
      await store.write(call.attempt(1), JSON.stringify(file));
      return modelAnswer(SCRIPT);
    });
    await stepsOn(store, { createModel: () => overwriting }).propose(draftOf(1));
    expect(await attempts(1)).toMatchObject([
      { sentAt: '2020-01-01T00:00:00.000Z', endedAt: null },
      { outcome: 'answered', usage: used(1) },
    ]);
  });
});

describe('another model of the role', () => {
  const models = [resolvedModel(), resolvedModel({ name: 'spare', endpoint: 'other' })];

  test('is sent the prompt as it is stored', async () => {
    const replies = [failure(FailureType.ModelUnreachable), modelAnswer(SCRIPT)];
    const { steps, model, attempts } = await scene(replies, { models });
    await expect(steps.propose(draftOf(1))).rejects.toMatchObject({ type: 'ModelUnreachable' });
    expect(await steps.propose({ ...draftOf(1), model: 1, stepsDone: 9 })).toMatchObject({ status: 'proposed' });
    expect(model.calls.map(({ target }) => target.name)).toEqual(['large', 'spare']);
    expect(model.calls[1]?.request).toEqual(model.calls[0]?.request);
    expect((await attempts(1)).map(({ endpoint }) => endpoint)).toEqual(['endpoint', 'other']);
  });

  test('that the run does not have is an error in words', async () => {
    const { steps } = await scene([], { models });
    const message = expect.stringMatching(/no model number 3 for draft/) as string;
    await expect(steps.propose({ ...draftOf(1), model: 2 })).rejects.toMatchObject({ message });
  });
});
