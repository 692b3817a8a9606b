import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import { GRADE_TASK_QUEUE } from '../../src/domain/task-queues';
import { pauseUpdate, progressQuery, stopUpdate } from '../../src/workflows/messages';
import type { FakeRun, FakeRunSettings } from '../helpers/fake-activities';
import { fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer({ waits: { GRADE_TURN_TIMEOUT: '1s' } });

const holdout = (settings: FakeRunSettings = {}): FakeRun =>
  fakeRun({
    outcome: ({ nodeId }) => 100 - nodeId,
    ...settings,
    opened: { evaluation: 'holdout', ...settings.opened },
  });

const variantsOf = (run: FakeRun) =>
  run.dispatched.filter((input) => input.variant !== 'node').map((input) => `${input.nodeId}.${input.variant}`);

describe('the final selection', () => {
  it('compares the five best of a holdout run and runs the winner once more on all the data', async () => {
    const run = holdout();
    const result = await completeRun(server.environment, run.activities, { steps: 8 });
    expect(run.selected).toMatchObject([
      { evaluation: 'holdout', candidates: [8, 7, 6, 5, 4].map((id) => ({ id, metric: 100 - id, marks: [] })) },
    ]);
    expect(run.dispatched.at(-1)).toMatchObject({ nodeId: 4, variant: 'refit', needsMetric: false });
    expect(run.reported).toMatchObject([{ stopReason: 'steps', refit: { status: 'ok' } }]);
    const selection = { winner: 4, searchScore: 96, selectionScore: 97, gap: 1 };
    expect(result).toMatchObject({ best: { id: 4, metric: 96 }, selection });
    expect(run.reported[0]?.snapshot).toMatchObject({ best: { id: 4, metric: 96 }, selection });
  });

  it('runs the best scripts of a reported run with other seeds where the task allows it', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 100 - nodeId, opened: { reruns: 2 } });
    const result = await completeRun(server.environment, run.activities, { steps: 2, parallel: 2 });
    const [first, second] = [variantsOf(run).slice(0, 2), variantsOf(run).slice(2)];
    expect([first.sort(), second.sort()]).toEqual([
      ['1.seed-1', '2.seed-1'],
      ['1.seed-2', '2.seed-2'],
    ]);
    expect(run.dispatched.every((input) => input.needsMetric)).toBe(true);
    expect(run.selected).toMatchObject([{ evaluation: 'reported', reruns: 2, candidates: [{ id: 2 }, { id: 1 }] }]);
    expect(run.reported).toMatchObject([{ refit: null, snapshot: { selection: { winner: 1 } } }]);
    expect(result.selection?.winner).toBe(1);
  });

  it.each<[string, FakeRunSettings]>([
    ['a reported run without runs with other seeds', {}],
    ['a run with an evaluator of its own', { opened: { evaluation: 'command' } }],
    ['a run without a working node', { opened: { evaluation: 'holdout' }, outcome: () => 'exception' }],
  ])('leaves out %s', async (_, settings) => {
    const run = fakeRun({ outcome: ({ nodeId }) => 100 - nodeId, ...settings });
    const result = await completeRun(server.environment, run.activities, { steps: 2 });
    expect([run.selected, variantsOf(run)]).toEqual([[], []]);
    expect(result.selection).toBeNull();
    expect(run.reported).toMatchObject([{ refit: null, snapshot: { selection: null } }]);
  });

  it('has time kept back for it, which neither the search nor its scripts get', async () => {
    const run = holdout({ scriptMs: () => 400, scriptSeconds: 1 });
    const result = await completeRun(server.environment, run.activities, { steps: 500, limits: { time: '8s' } });
    expect(result).toMatchObject({ stopReason: 'time', selection: { searchScore: expect.any(Number) as unknown } });
    const budgets = run.dispatched.map((input) => input.budgetMs ?? Infinity);
    const refit = budgets.pop();
    expect(refit).toBeGreaterThan(500);
    expect(refit).toBeLessThanOrEqual(1500);
    const second = budgets[1] ?? Infinity;
    expect(second).toBeLessThan(8000 - 1500);
    expect(result.elapsedSeconds).toBeLessThanOrEqual(8);
  });

  it('follows a stop, also of a paused run', async () => {
    const run = holdout({ scriptMs: () => 100 });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 500 });
      await waitUntil('two are recorded', () => run.published.length >= 2);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      expect(await handle.result()).toMatchObject({ stopReason: 'stopped', selection: { selectionScore: 97 + 3 } });
      expect((await handle.query(progressQuery)).selection).toMatchObject({ winner: 1 });
    });
  });

  it('is left out when the run is cancelled', async () => {
    const run = holdout();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 500 });
      await waitUntil('one is recorded', () => run.published.length >= 1);
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
    expect([run.selected, variantsOf(run)]).toEqual([[], []]);
    expect(run.reported).toMatchObject([{ stopReason: 'cancelled', snapshot: { selection: null } }]);
  });

  it('ends with its scripts when the run is cancelled meanwhile', async () => {
    const run = holdout({ scriptMs: () => (run.selected.length > 0 ? 60_000 : 0) });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 2 });
      await waitUntil('the winner runs on all the data', () => variantsOf(run).length === 1);
      expect(await handle.query(progressQuery)).toMatchObject({ state: 'selecting', selection: { winner: 1 } });
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
    expect(run.scripts.ended).toEqual(['1.refit']);
    expect(run.reported).toMatchObject([{ stopReason: 'cancelled', refit: null }]);
  });

  it('does not keep a finished run from its end when no worker grades any more', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 100 - nodeId, opened: { reruns: 1 } });
    const body = async () => (await startRun(server.environment, { steps: 2 })).result();
    const settings = { without: [GRADE_TASK_QUEUE], workflowBundle: server.impatient };
    const result = await withWorkers(server.environment, run.activities, body, settings);
    expect(result).toMatchObject({ stopReason: 'steps', best: { id: 2, metric: 98 }, selection: null });
    expect(run.reported).toHaveLength(1);
  });

  it('ends the run without what the machinery did not allow', async () => {
    const run = holdout();
    const { execute } = run.activities;
    run.activities.execute = async (input) => {
      if (input.variant === 'node') return execute(input);
      throw ApplicationFailure.create({ message: 'no room left', type: FailureType.DiskFull });
    };
    const result = await completeRun(server.environment, run.activities, { steps: 2 });
    expect(result.selection).toMatchObject({ winner: 1 });
    expect(run.reported).toMatchObject([{ refit: null, stopReason: 'steps' }]);
  });
});
