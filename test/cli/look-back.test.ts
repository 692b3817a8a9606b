import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandFailure } from '../../src/cli/command-failure';
import { diffNodes } from '../../src/cli/commands/diff';
import { showPrompt } from '../../src/cli/commands/show-prompt';
import { diffJsonSchema, promptJsonSchema } from '../../src/cli/look-back-json';
import type { Usage } from '../../src/domain/usage';
import type { AttemptFile } from '../../src/llm/call-files';
import type { ModelAnswer, ModelRequest } from '../../src/llm/model';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun } from '../helpers/run-fixture';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const SENT = '2026-01-02T03:04:05.000Z';
const LATER = '2026-01-02T03:04:08.500Z';

const USAGE: Usage = {
  calls: 1,
  promptTokens: 1200,
  completionTokens: 340,
  cachedTokens: 1000,
  reasoningTokens: 50,
  costUsd: 0.00123,
};

const keys = runKeys('r');

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-look-back-'));
  captured = captureContext({ COPPICE_HOME: path.join(root, 'home'), COPPICE_STORE: path.join(root, 'runs') });
  await writeRun(captured.context.store, {
    runId: 'r',
    nodes: [
      { id: 1, metric: 5, plan: 'Fit a line.\n', code: 'a = 1\nb = 2\nc = 3\n' },
      { id: 2, parent: 1, metric: 4, plan: 'Fit a line.\n', code: 'a = 1\nb = 20\nc = 3\n' },
      { id: 3, metric: 4, plan: 'Grow a tree.\n', code: 'tree\n' },
    ],
  });
});

afterEach(() => rm(root, { recursive: true, force: true }));

interface WrittenCall {
  readonly node: number;
  readonly purpose: 'draft' | 'improve' | 'review';
  readonly ask: number;
  readonly user: string;
  readonly answer?: Partial<ModelAnswer>;
  readonly tooLong?: string;
  readonly attempts?: readonly Partial<AttemptFile>[];
}

async function writeCall(call: WrittenCall): Promise<void> {
  const { store } = captured.context;
  const files = keys.node(call.node).call(call.purpose, call.ask);
  const request: ModelRequest = {
    model: 'large',
    runId: 'r',
    nodeId: call.node,
    purpose: call.purpose,
    ask: call.ask,
    messages: [
      { role: 'system', content: 'You write scripts.' },
      { role: 'user', content: call.user },
    ],
    estimatedTokens: 1234,
    shrunk: call.ask - 1,
  };
  await writeJson(store, files.prompt, request);
  const endpoint = 'api.example.com';
  for (const [index, attempt] of (call.attempts ?? []).entries()) {
    const ended = { endedAt: LATER, outcome: 'answered', failure: null, status: null, usage: USAGE } as const;
    await writeJson(store, files.attempt(index + 1), { endpoint, model: 'large', sentAt: SENT, ...ended, ...attempt });
  }
  if (call.tooLong !== undefined) {
    await writeJson(store, files.refusal, { kind: 'context_too_long', message: call.tooLong });
  }
  if (call.answer === undefined) return;
  const answer: ModelAnswer = {
    text: 'An answer.',
    finishReason: 'stop',
    refusal: null,
    endpoint,
    model: 'large',
    usage: USAGE,
    requestId: 'req-1',
    sentAt: SENT,
    firstPartMs: 800,
    durationMs: 3500,
    ...call.answer,
  };
  await writeJson(store, files.response, answer);
}

function shown(): string {
  return captured.printed.splice(0).join('\n');
}

describe('show --prompt', () => {
  it('gives every call in the order of asking, with times, tokens and cost', async () => {
    await writeCall({ node: 2, purpose: 'review', ask: 1, user: 'Review it.', answer: {}, attempts: [{}] });
    await writeCall({ node: 2, purpose: 'improve', ask: 1, user: 'Improve it.', tooLong: 'at most 4096 tokens' });
    await writeCall({ node: 2, purpose: 'improve', ask: 2, user: 'Improve it, in short.', answer: {} });
    await showPrompt(captured.context, 'r', '2', { json: false });
    const text = shown();
    const order = [
      'call 1 of 3: improve, ask 1',
      'at most 4096 tokens',
      'call 2 of 3: improve, ask 2',
      'call 3 of 3: review',
    ];
    expect(order.map((words) => text.indexOf(words))).toEqual(
      [...order].map((words) => text.indexOf(words)).sort((left, right) => left - right),
    );
    expect(text).not.toContain('attempt 1');
    for (const line of [
      'model      large at api.example.com',
      `sent       ${SENT}`,
      'took       3.5 s, first part after 0.8 s',
      'tokens     1200 in (1000 cached), 340 out (50 reasoning), with the context shrunk once',
      'cost       $0.001230',
      '── system ──\nYou write scripts.',
      '── user ──\nImprove it, in short.',
      '── answer ──\nAn answer.',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('gives the attempts that failed, and one that was never ended', async () => {
    await writeCall({
      node: 2,
      purpose: 'improve',
      ask: 1,
      user: 'Improve it.',
      attempts: [
        { outcome: 'failed', failure: 'ModelUnreachable: overloaded', status: 503, usage: null },
        { endpoint: 'other.example.com', model: 'small', outcome: null, endedAt: null, usage: null },
      ],
    });
    await showPrompt(captured.context, 'r', '2', { json: false });
    const text = shown();
    expect(text).toContain(
      `attempt 1  ${SENT} large at api.example.com: failed with status 503: ModelUnreachable: overloaded`,
    );
    expect(text).toContain(`attempt 2  ${SENT} small at other.example.com: open, or lost with its worker`);
    expect(text).toContain('model      small at other.example.com');
    expect(text).toContain('tokens     about 1234 in');
    expect(text).toContain('── no answer ──');
  });

  it('gives the same as JSON', async () => {
    await writeCall({
      node: 2,
      purpose: 'improve',
      ask: 1,
      user: 'Improve it.',
      answer: { usage: { ...USAGE, costUsd: null } },
    });
    await showPrompt(captured.context, 'r', '2', { json: true });
    const { calls, ...rest } = promptJsonSchema.parse(captured.takeJson());
    expect(rest).toEqual({ runId: 'r', node: 2 });
    expect(calls).toMatchObject([
      {
        purpose: 'improve',
        ask: 1,
        model: 'large',
        durationMs: 3500,
        firstPartMs: 800,
        usage: { promptTokens: 1200, costUsd: null },
        messages: [{ role: 'system' }, { role: 'user', content: 'Improve it.' }],
        answer: { text: 'An answer.', finishReason: 'stop', refusal: null },
        tooLong: null,
        attempts: [],
      },
    ]);
    await showPrompt(captured.context, 'r', '2', { json: false });
    expect(shown()).toContain('cost       unknown: the model has no price here');
  });

  it('says when no model was asked', async () => {
    await showPrompt(captured.context, 'r', '3', { json: false });
    expect(shown()).toBe('no model was asked for node 3 of r');
  });
});

describe('diff', () => {
  const plain = { json: false, prompt: false, coloured: false };

  it('compares a node with its parent, in the unified format', async () => {
    await diffNodes(captured.context, 'r', '2', undefined, plain);
    expect(shown()).toBe(
      [
        'node 1 (draft) → node 2 (improve of 1)',
        'the plan is the same',
        '--- 1/solution.py',
        '+++ 2/solution.py',
        '@@ -1,3 +1,3 @@',
        ' a = 1',
        '-b = 2',
        '+b = 20',
        ' c = 3',
      ].join('\n'),
    );
  });

  it('compares any two, the second being what came of the first', async () => {
    await diffNodes(captured.context, 'r', '3', '2', { ...plain, json: true });
    const diff = diffJsonSchema.parse(captured.takeJson());
    expect(diff).toMatchObject({ from: 3, to: 2, prompt: null });
    expect(diff.plan).toContain('-Grow a tree.\n+Fit a line.\n');
    expect(diff.code).toContain('-tree\n');
  });

  it('has colours only when asked for', async () => {
    await diffNodes(captured.context, 'r', '2', undefined, { ...plain, coloured: true });
    const text = shown();
    expect(text).toContain('\u001b[31m-b = 2\u001b[0m\n\u001b[32m+b = 20\u001b[0m');
    expect(text).toContain('\n--- 1/solution.py\n');
  });

  it('compares the first prompts', async () => {
    await writeCall({ node: 1, purpose: 'draft', ask: 1, user: 'Write one.\nIt has 1 step.' });
    await writeCall({ node: 2, purpose: 'review', ask: 1, user: 'Review it.' });
    await writeCall({ node: 2, purpose: 'improve', ask: 1, user: 'Write one.\nIt has 2 steps.' });
    await diffNodes(captured.context, 'r', '2', undefined, { ...plain, prompt: true });
    const text = shown();
    expect(text).not.toContain('You write scripts.');
    expect(text).toContain(' Write one.\n-It has 1 step.\n+It has 2 steps.');
    expect(text).not.toContain('solution.py');
  });

  it.each([
    ['1', undefined, plain, 'node 1 is a draft and has no parent to compare it with: name a second node'],
    ['2', '9', plain, 'has no node "9"'],
    ['2', '3', { ...plain, prompt: true }, 'no model was asked for node 2'],
  ])('of %s and %s is refused', async (node, other, options, message) => {
    const failure = await diffNodes(captured.context, 'r', node, other, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) as string });
  });
});
