import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import type { MoneyLeft, ProposeInput } from '../../src/domain/steps';
import type { Usage } from '../../src/domain/usage';
import { NO_USAGE, totalTokens } from '../../src/domain/usage';
import { extendUpdate, progressQuery, resumeUpdate } from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { JUST_BEGUN, ONE_CALL, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const TOKENS_OF_CALL = totalTokens(ONE_CALL);

interface Calls {
  readonly moneyLeft: MoneyLeft[];
  tokens: number;
  mostAtOnce: number;
}

/** Calls of known price and some length; notes what each was told that is left, and how many were made at once. */
function priced(run: FakeRun, tokensOf: (call: number) => number): Calls {
  const calls: Calls = { moneyLeft: [], tokens: 0, mostAtOnce: 0 };
  let open = 0;
  const costing =
    <Input extends { readonly moneyLeft: MoneyLeft }, Result extends { readonly usage: Usage }>(
      step: (input: Input) => Promise<Result>,
    ) =>
    async (input: Input): Promise<Result> => {
      calls.moneyLeft.push(input.moneyLeft);
      const promptTokens = tokensOf(calls.moneyLeft.length);
      calls.tokens += promptTokens;
      open += 1;
      calls.mostAtOnce = Math.max(calls.mostAtOnce, open);
      await new Promise((resolve) => setTimeout(resolve, 20 + (promptTokens % 40)));
      open -= 1;
      return { ...(await step(input)), usage: { ...NO_USAGE, calls: 1, promptTokens } };
    };
  const { draft, improve, debug, review, digest, summarize } = run.activities;
  Object.assign(run.activities, {
    draft: costing(draft),
    improve: costing(improve),
    debug: costing(debug),
    review: costing(review),
    digest: costing(digest),
    summarize: costing(summarize),
  });
  return calls;
}

describe('a cap', () => {
  it('on tokens holds to within one call for each of four slots, and what was proposed is still run', async () => {
    const run = fakeRun({ scriptMs: (id) => (id * 37) % 90 });
    const dearest = 97;
    const calls = priced(run, (call) => 20 + ((call * 31) % (dearest - 20)));
    const limits = { tokens: 2000 };
    const result = await completeRun(server.environment, run.activities, {
      steps: 500,
      parallel: 4,
      limits,
      memory: { digestEvery: 0 },
    });
    expect(result.stopReason).toBe('tokens');
    expect(totalTokens(result.usage)).toBe(calls.tokens);
    expect(calls.tokens).toBeGreaterThanOrEqual(limits.tokens);
    expect(calls.tokens).toBeLessThan(limits.tokens + 4 * dearest);
    // Why it holds: no call begins with nothing left, and there are never more at once than slots.
    expect(Math.min(...calls.moneyLeft.map(({ tokens }) => tokens ?? 0))).toBeGreaterThan(0);
    expect(calls.mostAtOnce).toBe(4);
    const proposed = run.proposed.map(({ nodeId }) => nodeId).sort((left, right) => left - right);
    expect(run.published.map(({ nodeId }) => nodeId).sort((left, right) => left - right)).toEqual(proposed);
    expect(run.reviewed.length).toBeLessThan(run.published.length);
    expect(run.reported).toMatchObject([{ snapshot: { inFlight: 0 } }]);
    expect(run.summarized).toEqual([]);
  });

  it('counts a digest that is being written beside the slots as a call already', async () => {
    const run = fakeRun();
    const { digest } = run.activities;
    run.activities.digest = async (input) => {
      await waitUntil('the third node is recorded', () => run.published.length === 3);
      return digest(input);
    };
    // Four calls make two nodes; the fifth leaves less than the digest will take.
    const limits = { tokens: 5 * TOKENS_OF_CALL + 1 };
    const spec = { steps: 500, limits, memory: { digestEvery: 2 } };
    const result = await completeRun(server.environment, run.activities, spec);
    expect([run.proposed.length, run.reviewed.length, run.digested.length]).toEqual([3, 2, 1]);
    expect(totalTokens(result.usage)).toBeLessThan(limits.tokens + TOKENS_OF_CALL);
  });

  it('on money ends the run with its own reason, can be extended, and counts to the cent', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => nodeId });
    const { execute } = run.activities;
    let mayEnd = false;
    run.activities.execute = async (input) => {
      if (input.nodeId === 2) await waitUntil('the run is extended', () => mayEnd);
      return execute(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 50, limits: { cost: 1 } });
      await waitUntil('the second script runs', () => run.proposed.length === 2);
      await handle.executeUpdate(extendUpdate, { args: [{ cost: 1 }] });
      mayEnd = true;
      expect(await handle.result()).toMatchObject({ stopReason: 'cost', nodes: { working: 4 }, usage: { costUsd: 2 } });
      expect((await handle.query(progressQuery)).usage.costUsd).toBe(2);
    });
    expect(run.saved.at(-1)?.snapshot).toMatchObject({ extendedCostUsd: 1, extendedTokens: 0 });
  });

  it('that is nearly reached in the files of a run leaves what they say, extensions included', async () => {
    const usage = { ...NO_USAGE, calls: 7, promptTokens: 100 };
    const run = fakeRun({ opened: { recovered: { ...JUST_BEGUN, usage, extendedTokens: 3 * TOKENS_OF_CALL } } });
    const result = await completeRun(server.environment, run.activities, { steps: 50, limits: { tokens: 100 } });
    expect(result.stopReason).toBe('tokens');
    expect([run.proposed.length, run.reviewed.length, run.published.length]).toEqual([2, 1, 2]);
    expect(run.proposed[0]?.moneyLeft).toEqual({ tokens: 3 * TOKENS_OF_CALL, costUsd: null });
  });

  it('that the others reached meanwhile is not passed by a node that was held up', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => nodeId });
    const { draft } = run.activities;
    const asked: number[] = [];
    let isPaused = false;
    run.activities.draft = async (input: ProposeInput) => {
      asked.push(input.nodeId);
      if (input.nodeId === 1) throw ApplicationFailure.nonRetryable('wrong key', FailureType.ModelKeyRejected);
      await waitUntil('the run is paused', () => isPaused);
      return draft(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 50, parallel: 2, limits: { tokens: TOKENS_OF_CALL } });
      await waitUntil('the run pauses', async () => (await handle.query(progressQuery)).state === 'paused');
      isPaused = true;
      await waitUntil('the second answer came', async () => (await handle.query(progressQuery)).usage.calls === 1);
      await handle.executeUpdate(resumeUpdate);
      expect(await handle.result()).toMatchObject({ stopReason: 'tokens', nodes: { working: 1 }, best: { id: 2 } });
    });
    expect(asked.sort()).toEqual([1, 2]);
    expect(run.published.map(({ nodeId }) => nodeId)).toEqual([2]);
  });

  it('that a run does not have cannot be extended', async () => {
    const run = fakeRun({ scriptMs: () => 200 });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 3, limits: { tokens: 1000 } });
      const refused = handle.executeUpdate(extendUpdate, { args: [{ cost: 1 }] });
      await expect(refused).rejects.toMatchObject({ cause: { message: expect.stringContaining('$.cost') as unknown } });
      expect((await handle.result()).stopReason).toBe('steps');
    });
  });
});

describe('the usage of a run', () => {
  it('is in the end what its files say', async () => {
    const run = fakeRun();
    const { report } = run.activities;
    const usage = { ...ONE_CALL, calls: 99 };
    run.activities.report = async (input) => ({ ...(await report(input)), usage });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 1 });
      expect((await handle.result()).usage).toEqual(usage);
      expect((await handle.query(progressQuery)).usage).toEqual(usage);
    });
  });

  it('is what the workflow counted when the report cannot be written', async () => {
    const run = fakeRun();
    run.activities.report = async () => {
      throw ApplicationFailure.nonRetryable('no room', FailureType.DiskFull);
    };
    const result = await completeRun(server.environment, run.activities, { steps: 1 });
    expect(result).toMatchObject({ usage: { calls: 2, costUsd: 0.5 }, artifacts: [] });
  });
});
