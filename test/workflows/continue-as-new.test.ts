import type { PublishInput } from '../../src/domain/steps';
import { extendUpdate, progressQuery } from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import type { RunHandle } from '../helpers/workflow-harness';
import { completeRun, startRun, startTestServer, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const SUGGESTED_AT_60 = 'limit.historyCount.suggestContinueAsNew=60';

const server = workflowServer({ dynamicConfig: [SUGGESTED_AT_60] });

async function chainLength(handle: RunHandle): Promise<number> {
  const runs = server.environment.client.workflow.list({ query: `WorkflowId = "${handle.workflowId}"` });
  const ids: string[] = [];
  for await (const run of runs) ids.push(run.runId);
  return ids.length;
}

const decisions = (published: readonly PublishInput[]) =>
  published
    .map(({ nodeId, operator, parent, metric, reason }) => ({ nodeId, operator, parent, metric, reason }))
    .sort((left, right) => left.nodeId - right.nodeId);

/** How often each script was started, in order of its first start. */
function startCounts({ scripts }: FakeRun): number[] {
  const counts = new Map<string, number>();
  for (const { script } of scripts.starts) counts.set(script, (counts.get(script) ?? 0) + 1);
  return [...counts.values()];
}

/** Activities that were under way when a run of the chain ended, for every run but the last. */
async function leftOpen(handle: RunHandle): Promise<string[][]> {
  const open: string[][] = [];
  const runs = server.environment.client.workflow.list({ query: `WorkflowId = "${handle.workflowId}"` });
  for await (const { runId } of runs) {
    const history = await server.environment.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    const events = history.events ?? [];
    if (!events.some((event) => event.workflowExecutionContinuedAsNewEventAttributes)) continue;
    const closed = new Set(events.flatMap((event) => String(closedActivity(event) ?? [])));
    open.push(
      events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled && !closed.has(String(eventId)) ? (scheduled.activityType?.name ?? []) : [],
      ),
    );
  }
  return open;
}

type HistoryEvent = NonNullable<Awaited<ReturnType<RunHandle['fetchHistory']>>['events']>[number];

function closedActivity(event: HistoryEvent) {
  return (
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  )?.scheduledEventId;
}

describe('continue-as-new every sixty events', () => {
  it('loses nothing with four slots, failing scripts and an update that arrives meanwhile', async () => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const run = fakeRun({ opened: { drainAt }, scriptMs: (id) => (id * 13) % 50 });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 60, parallel: 4 });
      for (let extension = 0; extension < 5; extension += 1) {
        const recorded = run.published.length;
        await waitUntil('more is recorded', () => run.published.length >= Math.min(recorded + 8, 60));
        await handle.executeUpdate(extendUpdate, { args: [{ steps: 2 }] });
      }
      const result = await handle.result();
      expect(result.nodes.working + result.nodes.failed).toBe(70);
      expect(result.nodes.failed).toBeGreaterThan(5);
      expect(result.usage.calls).toBe(140 + run.digested.length + run.summarized.length);
      expect(run.digested.map(({ upTo }) => upTo)).toEqual([20, 40, 60]);
      expect(await handle.query(progressQuery)).toMatchObject({ steps: { done: 70, total: 70 }, best: result.best });
      await waitUntil('the chain is listed', async () => (await chainLength(handle)) > 10);
    });
    expect(decisions(run.published).map((node) => node.nodeId)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
    expect(startCounts(run)).toEqual(Array.from({ length: 70 }, () => 1));
    expect(run.published.map((node) => node.completion)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
  });

  it('goes on with scripts, and only scripts, in flight: each starts once', async () => {
    const drainAt = { events: 60, bytes: 25 * 1024 * 1024 };
    const run = fakeRun({ opened: { drainAt }, scriptMs: (id) => 1500 + ((id * 770) % 4000) });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 30, parallel: 4 });
      const result = await handle.result();
      expect(result.nodes.working + result.nodes.failed).toBe(30);
      expect(result.usage.calls).toBe(60 + run.digested.length + run.summarized.length);
      await waitUntil('the chain is listed', async () => (await chainLength(handle)) > 5);
      const open = await leftOpen(handle);
      expect(new Set(open.flat())).toEqual(new Set(['execute']));
      expect(Math.max(...open.map((names) => names.length))).toBeGreaterThanOrEqual(3);
    });
    expect(startCounts(run)).toEqual(Array.from({ length: 30 }, () => 1));
    expect(run.dispatched.length).toBeGreaterThan(30);
    expect(run.scripts.ended).toEqual([]);
    expect(run.proposed).toHaveLength(30);
    expect(run.published.map((node) => node.completion)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  it('makes with one slot the tree of a run that never continues', async () => {
    const plain = fakeRun();
    const plainEnvironment = await startTestServer();
    try {
      await completeRun(plainEnvironment, plain.activities, { steps: 40 });
    } finally {
      await plainEnvironment.teardown();
    }
    const chained = fakeRun();
    await completeRun(server.environment, chained.activities, { steps: 40 });
    expect(decisions(chained.published)).toEqual(decisions(plain.published));
  });

  it('counts the working time through the chain', async () => {
    const run = fakeRun({ scriptMs: () => 100 });
    const result = await completeRun(server.environment, run.activities, { steps: 500, limits: { time: '8s' } });
    expect(result.stopReason).toBe('time');
    expect(result.elapsedSeconds).toBeGreaterThanOrEqual(8);
    expect(result.elapsedSeconds).toBeLessThan(12);
  });
});
