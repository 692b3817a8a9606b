import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failure-type';
import { runSpecSchema } from '../../src/domain/run-spec';
import type { PublishInput } from '../../src/domain/steps';
import { decideGreedily } from '../../src/policy/greedy';
import { randomStream } from '../../src/policy/random-stream';
import { SearchTree } from '../../src/policy/search-tree';
import {
  extendUpdate,
  nodeQuery,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  stopUpdate,
  treeQuery,
} from '../../src/workflows/messages';
import { JUST_BEGUN, MIXED, ONE_CALL, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const treeOf = (published: readonly PublishInput[]) =>
  [...published]
    .sort((left, right) => left.nodeId - right.nodeId)
    .map(({ nodeId, operator, parent, metric, reason }) => ({ nodeId, operator, parent, metric, reason }));

describe('tree search', () => {
  it('spends its steps, records every node once and ends with the best', async () => {
    const run = fakeRun();
    const result = await completeRun(server.environment, run.activities, { steps: 12 });
    expect(result.stopReason).toBe('steps');
    expect(result.nodes.working + result.nodes.failed).toBe(12);
    expect(run.published.map((node) => node.completion)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const scores = run.published.flatMap((node) => (node.metric === null ? [] : [node.metric]));
    expect(result.best?.metric).toBe(Math.min(...scores));
    // Two for each node, and the story.
    expect(result.usage.calls).toBe(25);
    expect(run.reported).toHaveLength(1);
  });

  it('makes the same tree twice from the same seed with one slot, another from another seed', async () => {
    const trees = [];
    for (const seed of [5, 5, 6]) {
      const run = fakeRun({ opened: { seed } });
      await completeRun(server.environment, run.activities, { steps: 25 });
      trees.push(treeOf(run.published));
    }
    expect(trees[1]).toEqual(trees[0]);
    expect(trees[2]).not.toEqual(trees[0]);
  });

  it('decides with four slots what the pure policy decides from the recorded order of completions', async () => {
    const run = fakeRun({ scriptMs: (id) => (id * 37) % 90 });
    await completeRun(server.environment, run.activities, { steps: 30, parallel: 4 });
    const policy = runSpecSchema.parse({ task: 'x' }).policy;
    const byId = new Map(run.published.map((node) => [node.nodeId, node]));
    const byCompletion = [...run.published].sort((left, right) => left.completion - right.completion);
    const tree = new SearchTree('minimize');
    let completed = 0;
    for (const { nodeId, decidedAfter } of [...run.proposed].sort((left, right) => left.nodeId - right.nodeId)) {
      while (completed < decidedAfter) {
        const node = byCompletion[completed];
        if (node === undefined) throw new Error('a decision waits for a completion that never came');
        if (node.metric !== null) tree.complete(node.nodeId, { status: 'working', metric: node.metric });
        else tree.complete(node.nodeId, { status: 'failed', reason: node.reason ?? 'exception' });
        completed += 1;
      }
      const decision = decideGreedily(tree, randomStream(11, nodeId), policy);
      expect(decision).toEqual({ operator: byId.get(nodeId)?.operator, parent: byId.get(nodeId)?.parent });
      tree.dispatch(nodeId, decision.operator, decision.parent);
    }
    expect(byCompletion.map((node) => node.nodeId)).not.toEqual([...byId.keys()].sort((left, right) => left - right));
  });

  it('keeps as many expansions under way as asked for, and no more', async () => {
    let open = 0;
    let most = 0;
    const run = fakeRun();
    const { execute } = run.activities;
    run.activities.execute = async (input) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 100));
      open -= 1;
      return execute(input);
    };
    await completeRun(server.environment, run.activities, { steps: 12, machineDefaults: { parallel: 3 } });
    expect(most).toBe(3);
  });
});

describe('stop reasons', () => {
  it('stops when the target is reached', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 10 - nodeId });
    const result = await completeRun(server.environment, run.activities, { steps: 50, target: 5 });
    expect(result).toMatchObject({ stopReason: 'target', best: { id: 5, metric: 5 } });
  });

  it('stops after as many nodes without improvement as patience allows', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => (nodeId <= 3 ? 10 - nodeId : 50) });
    const result = await completeRun(server.environment, run.activities, { steps: 50, patience: 4 });
    expect(result).toMatchObject({ stopReason: 'patience', nodes: { working: 7 }, best: { id: 3 } });
  });

  it('stops on request, ending what runs, and still reports', async () => {
    const run = fakeRun();
    const { execute } = run.activities;
    let started = false;
    let cancelled = false;
    run.activities.execute = async (input) => {
      if (input.nodeId !== 3) return execute(input);
      const context = Context.current();
      started = true;
      const beat = setInterval(() => context.heartbeat(), 500);
      try {
        await context.cancelled;
      } finally {
        clearInterval(beat);
        cancelled = true;
      }
      throw new Error('unreachable');
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 50 });
      await waitUntil('the third script runs', () => started);
      await handle.executeUpdate(stopUpdate, { args: [{}] });
      const result = await handle.result();
      expect(result).toMatchObject({ stopReason: 'stopped', best: { id: 2 } });
      expect(run.reported.map((report) => report.stopReason)).toEqual(['stopped']);
      expect(cancelled).toBe(true);
    });
  });

  it('stops when its time is over, and does not count a pause or what the server was down', async () => {
    const run = fakeRun({ scriptMs: () => 300 });
    let down = 0;
    run.activities.saveState = async () => ({ serverDownMs: down });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 500, limits: { time: '4s' } });
      const started = Date.now();
      await waitUntil('something is recorded', () => run.published.length >= 1);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      down = 2000;
      await handle.executeUpdate(resumeUpdate);
      await waitUntil('more is recorded', () => run.published.length >= 3);
      down = 5000;
      const result = await handle.result();
      expect(result.stopReason).toBe('time');
      expect(Date.now() - started).toBeGreaterThan(9000);
      expect(result.elapsedSeconds).toBeLessThanOrEqual(5);
    });
  });

  it('stops at an absolute deadline, even while paused', async () => {
    const run = fakeRun();
    await withWorkers(server.environment, run.activities, async () => {
      const deadline = new Date(Date.now() + 4000).toISOString();
      const handle = await startRun(server.environment, { steps: 5000, limits: { deadline } });
      await waitUntil('something is recorded', () => run.published.length >= 1);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      expect((await handle.result()).stopReason).toBe('time');
    });
  });

  it('reports when it is cancelled', async () => {
    const run = fakeRun({ scriptMs: (id) => (id === 2 ? 3000 : 0) });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 50 });
      await waitUntil('node 1 is recorded', () => run.published.length === 1);
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(run.reported.map((report) => report.stopReason)).toEqual(['cancelled']);
    });
  });
});

describe('updates and queries', () => {
  it('dispatches nothing while paused, and goes on with resume and extend', async () => {
    const run = fakeRun();
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 6 });
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      await waitUntil('the pause is saved', () => run.saved.some((state) => state.pause?.reason === 'person'));
      const proposed = run.proposed.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(run.proposed.length).toBe(proposed);
      expect(await handle.query(progressQuery)).toMatchObject({ state: 'paused', steps: { total: 6 } });
      await handle.executeUpdate(extendUpdate, { args: [{ steps: 4 }] });
      await handle.executeUpdate(resumeUpdate);
      const result = await handle.result();
      expect(result.nodes.working + result.nodes.failed).toBe(10);
      const page = await handle.query(treeQuery, { after: 2, limit: 3 });
      expect([page.nodes.map((node) => node.id), page.next]).toEqual([[3, 4, 5], 5]);
      expect(await handle.query(nodeQuery, 1)).toMatchObject({ id: 1, operator: 'draft', status: 'working' });
      expect(await handle.query(nodeQuery, 99)).toBeNull();
    });
  });

  it('loses no update that arrives while the run is being opened', async () => {
    const run = fakeRun();
    const { openRun } = run.activities;
    run.activities.openRun = async (input) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return openRun(input);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const runs = Array.from({ length: 12 }, async (_, index) => {
        const handle = await startRun(server.environment, { steps: 3 });
        await new Promise((resolve) => setTimeout(resolve, 20 * index));
        await handle.executeUpdate(pauseUpdate, { args: [{}] });
        await handle.executeUpdate(extendUpdate, { args: [{ steps: 2 }] });
        return handle;
      });
      for (const handle of await Promise.all(runs)) {
        expect(await handle.query(progressQuery)).toMatchObject({ state: 'paused', steps: { total: 5 } });
        await handle.executeUpdate(stopUpdate, { args: [{}] });
        await handle.result();
      }
    });
  });

  it.each([[{}], [{ steps: 0 }], [{ steps: 1, extra: 1 }], [{ time: 'soon' }]])(
    'refuses the extension %j and goes on',
    async (extension) => {
      const run = fakeRun({ scriptMs: () => 200 });
      await withWorkers(server.environment, run.activities, async () => {
        const handle = await startRun(server.environment, { steps: 3 });
        await expect(handle.executeUpdate('extend', { args: [extension] })).rejects.toThrow('Workflow Update failed');
        expect((await handle.result()).stopReason).toBe('steps');
      });
    },
  );
});

describe('a wrong request', () => {
  it('fails at once with every problem and its JSON path', async () => {
    const run = fakeRun();
    await withWorkers(server.environment, run.activities, async () => {
      const wrong = { steps: -1, limits: { time: 'soon' }, colour: 'red' };
      const handle = await server.environment.client.workflow.start('treeSearch', {
        workflowId: `wrong-${Date.now()}`,
        taskQueue: 'coppice',
        args: [{ task: 'x', ...wrong }],
      });
      const error: unknown = await handle.result().catch((reason: unknown) => reason);
      if (!(error instanceof WorkflowFailedError)) throw new Error('expected the workflow to fail');
      expect(error.cause).toMatchObject({ type: 'InvalidRunSpec', nonRetryable: true });
      for (const path of ['$.steps', '$.limits.time', '$.colour']) expect(error.cause?.message).toContain(path);
    });
  });

  it.each([FailureType.InvalidTask, FailureType.RunIdInUse])('fails with %s and touches nothing', async (type) => {
    const run = fakeRun();
    run.activities.openRun = async () => {
      throw ApplicationFailure.nonRetryable('no such directory', type);
    };
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, {});
      await expect(handle.result()).rejects.toMatchObject({ cause: { type, message: 'no such directory' } });
      expect([run.saved, run.published, run.reported]).toEqual([[], [], []]);
    });
  });
});

describe('a run that goes on from its files', () => {
  it('takes up what was in flight with its own operator and parent, then fills holes', async () => {
    const run = fakeRun({
      outcome: MIXED,
      opened: {
        recovered: {
          ...JUST_BEGUN,
          tree: { parents: [0, 0, 1, 0], operators: 'd-id', outcomes: 'w-.w', metrics: [7, null, null, 9] },
          completions: 2,
          bestCompletion: 1,
          bestSeconds: 2,
          usage: { ...ONE_CALL, calls: 4 },
          elapsedMs: 60_000,
          extendedSteps: 1,
          sinceDigest: [1, 4],
        },
      },
    });
    const result = await completeRun(server.environment, run.activities, { steps: 5 });
    expect(run.published.map(({ nodeId, completion }) => [nodeId, completion])).toEqual([
      [3, 3],
      [2, 4],
      [5, 5],
      [6, 6],
    ]);
    expect(run.proposed[0]).toMatchObject({ nodeId: 3, operator: 'improve', parent: 1 });
    expect(result.usage.calls).toBe(13);
    expect(result.elapsedSeconds).toBeGreaterThanOrEqual(60);
  });
});
