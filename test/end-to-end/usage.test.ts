import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { costOf } from '../../src/domain/price';
import type { Usage } from '../../src/domain/usage';
import { formatCount } from '../../src/domain/format';
import { Scene, soon } from '../recovery/scene';
import type { RequestRecord, ServedTotals } from '../scripted-model/request-log';
import type { RuleInput } from '../scripted-model/rules';

jest.setTimeout(240_000);

/** US dollars for a million tokens. */
const PRICE = { input: 10, cachedInput: 1, output: 40 };

let directory: string;
let scene: Scene;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-prices-'));
  const prices = path.join(directory, 'prices.yaml');
  await writeFile(prices, JSON.stringify({ models: { scripted: PRICE } }));
  scene = await Scene.open(undefined, { environment: { COPPICE_PRICES: prices } });
});

afterEach(() => {
  scene.model.control.clearRules();
  scene.model.control.release();
});

afterAll(async () => {
  await scene.close();
  await rm(directory, { recursive: true, force: true });
});

const RETRY_SOON = { ms: 100, as: 'milliseconds' } as const;

/** What is billed and cannot be used, what is used and was thought about, and what comes to nothing. */
const TROUBLES: readonly RuleInput[] = [
  { purpose: 'draft', node: 1, nth: 1, action: { type: 'answer', form: 'null_content' } },
  { purpose: 'draft', node: 1, nth: 2, action: { type: 'answer', cutAt: 60 } },
  { purpose: 'review', node: 1, nth: 1, action: { type: 'answer', text: 'It is fine.' } },
  { purpose: 'draft', node: 2, nth: 1, action: { type: 'answer', form: 'empty_choices' } },
  { purpose: 'draft', node: 2, nth: 2, action: { type: 'answer', reasoning: 'reasoning_content' } },
  { purpose: 'review', node: 2, nth: 1, action: { type: 'refuse', status: 503, retryAfter: RETRY_SOON } },
  { node: 3, nth: 1, action: { type: 'answer', form: 'refusal' } },
  { node: 4, nth: 1, action: { type: 'cut', after: 'half' } },
  { node: 4, nth: 2, action: { type: 'too_long' } },
  { node: 4, nth: 3, action: { type: 'answer', form: 'tool_call' } },
  { node: 5, nth: 1, action: { type: 'garbage', kind: 'html' } },
  { node: 5, nth: 2, action: { type: 'answer', text: 'Words.' } },
  { node: 5, nth: 3, action: { type: 'answer', text: 'Words.' } },
  { node: 5, nth: 4, action: { type: 'answer', text: 'Words.' } },
  { purpose: 'report', nth: 1, action: { type: 'answer', reasoning: 'think' } },
];

test('whatever goes wrong, state, status and report tell the tokens that the server counted', async () => {
  scene.model.control.addRules(...TROUBLES.map((rule) => ({ ...rule, runId: 'troubled' })));
  await scene.ensureWorker();
  await scene.start('troubled', scene.spec({ steps: 6, memory: { digestEvery: 3 } }));
  const { nodes, state } = await scene.untilFinished('troubled');

  expect(nodes.map(({ reason }) => reason)).toEqual([null, null, 'model_refused', null, 'no_code', null]);
  const served = scene.model.served('troubled');
  expectUsage(state?.usage, served);
  // Every kind of call has been billed, and every kind of token.
  const billed = scene.model.requests().filter(({ isBilled }) => isBilled);
  expect(new Set(billed.map(({ purpose }) => purpose))).toEqual(
    new Set(['draft', 'improve', 'review', 'digest', 'report']),
  );
  expect(
    Math.min(served.promptTokens, served.completionTokens, served.cachedTokens, served.reasoningTokens),
  ).toBeGreaterThan(0);
  const { stdout } = await scene.place.run(['status', 'troubled', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ usage: served });
  expect(await reportOf('troubled')).toMatch(totalsRow(served));
  expect(await reportOf('troubled')).not.toContain('lost');
});

test('a kill loses exactly the calls that are open: the totals lack them, and the report lists them', async () => {
  scene.model.control.addRules(
    { runId: 'killed', purpose: 'draft', node: 2, nth: 1, action: { type: 'hold' } },
    { runId: 'killed', purpose: 'review', node: 3, nth: 1, action: { type: 'hold' } },
  );
  const first = await scene.ensureWorker();
  await scene.start('killed', scene.spec({ steps: 3 }));
  await scene.untilAsked('killed', 2);
  // The worker cannot take the answer any more, and it has been paid for.
  first.signal('SIGSTOP');
  scene.model.control.release();
  const paid = await answeredTo('draft', 2);
  await first.kill();

  const second = await scene.ensureWorker();
  await scene.untilAsked('killed', 3, 'review');
  await second.kill();
  scene.model.control.release();

  await scene.ensureWorker();
  const { nodes, state } = await scene.untilFinished('killed');
  expect(nodes.map(({ reason }) => reason)).toEqual([null, null, null]);
  const served = scene.model.served('killed');
  const kept = {
    calls: served.calls - 1,
    promptTokens: served.promptTokens - paid.promptTokens,
    completionTokens: served.completionTokens - paid.completionTokens,
    cachedTokens: served.cachedTokens - paid.cachedTokens,
    reasoningTokens: served.reasoningTokens - paid.reasoningTokens,
  };
  expectUsage(state?.usage, kept);
  const report = await reportOf('killed');
  expect(report).toMatch(totalsRow(kept));
  expect(report).toContain('2 calls lost');
  expect(report).toMatch(/\| *2 *\| *draft *\|/);
  expect(report).toMatch(/\| *3 *\| *review *\|/);
});

function expectUsage(usage: Usage | undefined, { calls, ...tokens }: ServedTotals): void {
  expect(usage).toMatchObject({ calls, ...tokens });
  expect(usage?.costUsd).toBeCloseTo(costOf(PRICE, tokens), 9);
}

async function answeredTo(purpose: RequestRecord['purpose'], node: number): Promise<RequestRecord> {
  const find = (): RequestRecord | undefined =>
    scene.model
      .requests()
      .find(
        (record) => record.runId === 'killed' && record.purpose === purpose && record.node === node && record.isAnswer,
      );
  await soon(`the answer to ${purpose} ${node} is out`, () => find() !== undefined);
  return find()!;
}

async function reportOf(runId: string): Promise<string> {
  return (await scene.place.read(`${runId}/report.md`)) ?? '';
}

/** The last row of the report's table of usage. */
function totalsRow({ calls, promptTokens, cachedTokens, completionTokens, reasoningTokens }: ServedTotals): RegExp {
  const figures = [calls, promptTokens, cachedTokens, completionTokens, reasoningTokens].map(formatCount);
  return new RegExp(`\\| *all *\\| *\\| *${figures.join(' *\\| *')} *\\|`);
}
