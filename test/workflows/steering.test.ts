import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { runSpecSchema } from '../../src/domain/run-spec';
import { decideGreedily } from '../../src/policy/greedy';
import { randomStream } from '../../src/policy/random-stream';
import { SearchTree } from '../../src/policy/search-tree';
import {
  hintUpdate,
  injectUpdate,
  noteUpdate,
  pauseUpdate,
  progressQuery,
  pruneUpdate,
  resumeUpdate,
} from '../../src/workflows/messages';
import type { FakeRun } from '../helpers/fake-activities';
import { JUST_BEGUN, fakeRun } from '../helpers/fake-activities';
import { waitUntil } from '../helpers/wait-until';
import { completeRun, startRun, withWorkers } from '../helpers/workflow-harness';
import { workflowServer } from '../helpers/workflow-server';

const server = workflowServer();

const CODE = 'print("metric: 1")\n';
const SHORT_CHAIN = { events: 60, bytes: 25 * 1024 * 1024 };

/**
 * Holds up every proposal from that of a node on, until it is opened: with everything before recorded, the run stands
 * still where a test wants it.
 */
function gateAt(run: FakeRun, nodes: readonly number[]) {
  const closed = new Set(nodes);
  const { draft } = run.activities;
  const held = new Set<number>();
  const propose: typeof draft = async (input) => {
    held.add(input.nodeId);
    const isHeld = (): boolean => [...closed].some((node) => node <= input.nodeId);
    while (isHeld()) await new Promise((resolve) => setTimeout(resolve, 20));
    return draft(input);
  };
  Object.assign(run.activities, { draft: propose, improve: propose, debug: propose });
  return {
    /** All before the node are recorded, and it waits with as many others after it as there are further slots. */
    reached: (node: number, slots = 1) =>
      waitUntil(
        `node ${node} is held up`,
        () => held.has(node + slots - 1) && run.published.length >= node - 1,
        30_000,
      ),
    open: (node: number) => closed.delete(node),
  };
}

/** What an update was refused with. */
async function refusal(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof Error) return error.cause.message;
  throw new Error(`not refused: ${String(error)}`);
}

const hintsOf = (run: FakeRun, nodes: readonly number[]) =>
  nodes.map((id) => run.proposed.find(({ nodeId }) => nodeId === id)?.hints);

describe('hint', () => {
  it('stands in every node decided while it is in force, through a pause and continue-as-new', async () => {
    const run = fakeRun({ opened: { drainAt: SHORT_CHAIN } });
    const gate = gateAt(run, [7, 17]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 24, policy: { debugProbability: 0 } });
      await gate.reached(7);
      expect(await handle.executeUpdate(hintUpdate, { args: [{ text: 'use lags' }] })).toEqual({ number: 1 });
      const best = (await handle.query(progressQuery)).best?.id ?? 0;
      const ofBest = { text: 'keep its features', node: best };
      expect(await handle.executeUpdate(hintUpdate, { args: [ofBest] })).toEqual({ number: 2 });
      gate.open(7);
      await gate.reached(17);
      await handle.executeUpdate(hintUpdate, { args: [{ withdraw: 1 }] });
      expect((await handle.query(progressQuery)).hints).toEqual([{ number: 2, node: best }]);
      gate.open(17);
      await handle.result();
    });
    const given = run.proposed.map(({ hints }) => JSON.stringify(hints));
    // A node keeps what was in force when it was decided. Without repairs everything is made from the best.
    expect(new Set(given.slice(0, 7))).toEqual(new Set(['[]']));
    expect(new Set(given.slice(7, 17))).toEqual(new Set(['[1,2]']));
    expect(new Set(given.slice(17))).toEqual(new Set(['[2]']));
    expect(given).toHaveLength(24);
    expect(run.hinted).toMatchObject([
      { number: 1, text: 'use lags', node: null },
      { number: 2, node: expect.any(Number) as unknown },
      { number: 1, withdraw: true },
    ]);
  });

  it('is what it was for a node that had begun when the run was rebuilt', async () => {
    const tree = { parents: [0, 0], operators: 'dd', outcomes: 'w.', metrics: [9, null] };
    const hints = { last: 4, inForce: [{ number: 4, node: null }] };
    const recovered = { ...JUST_BEGUN, tree, completions: 1, bestCompletion: 1, hints };
    const run = fakeRun({ opened: { recovered } });
    await completeRun(server.environment, run.activities, { steps: 3 });
    expect(hintsOf(run, [2, 3])).toEqual([null, [4]]);
  });

  it('fails, and changes nothing, when it cannot be stored', async () => {
    const run = fakeRun();
    run.activities.hint = async () => {
      throw ApplicationFailure.nonRetryable('the disk is gone', 'InvalidTask');
    };
    const gate = gateAt(run, [2]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 6 });
      await gate.reached(2);
      await expect(handle.executeUpdate(hintUpdate, { args: [{ text: 'more' }] })).rejects.toThrow();
      expect((await handle.query(progressQuery)).hints).toEqual([]);
      gate.open(2);
      await handle.result();
    });
    expect(run.proposed.every(({ hints }) => hints?.length === 0)).toBe(true);
  });
});

describe('inject', () => {
  it('makes a node on top of the steps and beside the slots, which waits while the run is paused', async () => {
    const run = fakeRun({ scriptMs: () => 300 });
    const gate = gateAt(run, [4]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 8, policy: { debugProbability: 0 } });
      await gate.reached(4);
      await handle.executeUpdate(pauseUpdate, { args: [{}] });
      const request = { code: CODE, title: 'mine' };
      const { node } = await handle.executeUpdate(injectUpdate, { args: [request] });
      expect(node).toBe(5);
      await waitUntil('it is made a node', () => run.injected.length === 1);
      expect(await handle.query(progressQuery)).toMatchObject({ steps: { done: 3, total: 9 }, nodes: { inFlight: 2 } });
      expect(run.executed).toEqual([1, 2, 3]);
      await handle.executeUpdate(resumeUpdate);
      await waitUntil('it is recorded beside the slot', () => run.published.some(({ nodeId }) => nodeId === 5));
      expect(run.executed).toEqual([1, 2, 3, 5]);
      gate.open(4);
      expect(await handle.result()).toMatchObject({ stopReason: 'steps', best: { id: 5, metric: 50 } });
    });
    expect(run.brought).toMatchObject([{ number: 1, request: { code: CODE, title: 'mine' } }]);
    expect(run.injected).toMatchObject([{ nodeId: 5, number: 1, parent: null, decidedAfter: 3 }]);
    const brought = run.published.find(({ nodeId }) => nodeId === 5);
    expect(brought).toMatchObject({ operator: 'inject', parent: null, metric: 50 });
    expect(run.reviewed.map(({ nodeId }) => nodeId)).toContain(5);
    expect(run.proposed).toHaveLength(8);
    expect(run.proposed.filter(({ operator }) => operator === 'draft')).toHaveLength(5);
    expect(run.proposed.at(-1)).toMatchObject({ operator: 'improve', parent: 5 });
  });

  it('comes through continue-as-new and a rebuild from the files, also when it was no node yet', async () => {
    const chained = fakeRun({ opened: { drainAt: SHORT_CHAIN }, scriptMs: (id) => (id % 3) * 200 });
    await withWorkers(server.environment, chained.activities, async () => {
      const handle = await startRun(server.environment, { steps: 16, parallel: 2 });
      for (const records of [3, 6, 9, 12]) {
        await waitUntil('more is recorded', () => chained.published.length >= records);
        await handle.executeUpdate(injectUpdate, { args: [{ code: CODE }] });
      }
      expect((await handle.result()).nodes).toMatchObject({ working: expect.any(Number) as unknown });
    });
    expect(chained.published.filter(({ operator }) => operator === 'inject')).toHaveLength(4);
    expect(chained.published).toHaveLength(20);
    expect(chained.injected.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    const tree = { parents: [0, 0, 1], operators: 'dij', outcomes: 'ww.', metrics: [9, 8, null] };
    const injections = { last: 7, begun: [{ node: 3, number: 6 }], waiting: [{ number: 7, parent: 2 }] };
    const recovered = { ...JUST_BEGUN, tree, completions: 2, bestCompletion: 2, injections };
    const rebuilt = fakeRun({ opened: { recovered } });
    const result = await completeRun(server.environment, rebuilt.activities, { steps: 4 });
    expect(rebuilt.injected.map(({ nodeId, number, parent }) => [nodeId, number, parent])).toEqual([
      [3, 6, 1],
      [4, 7, 2],
    ]);
    expect(result.nodes.working + result.nodes.failed).toBe(6);
  });

  it('is run again by a replay from its source, without a script of its own', async () => {
    const replayed = { parents: [0, 0, 2], operators: 'dji', outcomes: 'www', metrics: [9, 8, 7] };
    const run = fakeRun({ opened: { replayed } });
    const gate = gateAt(run, [3]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, {});
      await gate.reached(3);
      expect(await refusal(handle.executeUpdate(injectUpdate, { args: [{ code: CODE }] }))).toContain('a replay runs');
      expect(await refusal(handle.executeUpdate(hintUpdate, { args: [{ text: 'x' }] }))).toContain('a replay asks no');
      gate.open(3);
      await handle.result();
    });
    expect(run.injected).toMatchObject([{ nodeId: 2, number: null }]);
    expect(run.published.map(({ nodeId, operator }) => [nodeId, operator]).sort()).toEqual([
      [1, 'draft'],
      [2, 'inject'],
      [3, 'improve'],
    ]);
  });
});

describe('prune', () => {
  it('moves the best to what is left and back, at once and in the files', async () => {
    const run = fakeRun({ outcome: ({ nodeId }) => 10 - nodeId });
    const gate = gateAt(run, [9]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 14, target: -100 });
      await gate.reached(9);
      const best = async () => (await handle.query(progressQuery)).best?.id;
      expect(await best()).toBe(8);
      const pruned = await handle.executeUpdate(pruneUpdate, { args: [{ node: 6 }] });
      expect(pruned).toMatchObject({ best: { id: 5, metric: 5 }, pruned: [6] });
      expect(run.saved.at(-1)).toMatchObject({ relink: true, snapshot: { best: { id: 5 }, pruned: [6] } });
      const restored = await handle.executeUpdate(pruneUpdate, { args: [{ node: 6, undo: true }] });
      expect(restored).toMatchObject({ best: { id: 8 }, pruned: [] });
      await handle.executeUpdate(pruneUpdate, { args: [{ node: 1 }] });
      for (const node of [2, 3, 4, 5]) await handle.executeUpdate(pruneUpdate, { args: [{ node }] });
      expect(run.saved.at(-1)?.snapshot.best).toBeNull();
      gate.open(9);
      const result = await handle.result();
      expect(result.best?.id).toBe(14);
    });
    // Node 9 was decided before. Drafts then take the place of the pruned ones.
    expect(run.proposed.slice(9).map(({ operator }) => operator)).toEqual(Array.from({ length: 5 }, () => 'draft'));
    expect(run.reported[0]?.snapshot.pruned).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets what is in flight below end, excluded, and is not forgotten by the chain', async () => {
    const run = fakeRun({
      outcome: ({ nodeId }) => 100 - nodeId,
      opened: { drainAt: SHORT_CHAIN },
      scriptMs: (id) => (id === 7 ? 2500 : 0),
    });
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 20, parallel: 2 });
      await waitUntil('node 7 runs', () => run.executed.includes(7));
      const { parent } = run.proposed.find(({ nodeId }) => nodeId === 7) ?? { parent: null };
      await handle.executeUpdate(pruneUpdate, { args: [{ node: parent ?? 0 }] });
      const result = await handle.result();
      expect(result.nodes.working).toBe(20);
      const below = new Set([parent]);
      for (const node of [...run.published].sort((left, right) => left.nodeId - right.nodeId)) {
        if (node.parent !== null && below.has(node.parent)) below.add(node.nodeId);
      }
      expect(below.has(7)).toBe(true);
      expect(below.has(result.best?.id ?? null)).toBe(false);
      expect(run.published.at(-1)?.snapshot.pruned).toEqual([parent]);
    });
  });
});

describe('every update', () => {
  it('is refused with all of its problems, by JSON path, and changes nothing', async () => {
    const run = fakeRun();
    const gate = gateAt(run, [3]);
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 8 });
      await gate.reached(3);
      const wrong = async (name: string, request: unknown) => refusal(handle.executeUpdate(name, { args: [request] }));
      expect(await wrong('hint', { text: ' ', nod: 3 })).toBe(
        'the hint is wrong: $.text: expected some text; $.nod: unknown key',
      );
      expect(await wrong('hint', undefined)).toMatch(/the hint is wrong: \$: .*expected object/);
      expect(await wrong('hint', { text: 'é'.repeat(2049) })).toContain('$.text: expected at most 4096 bytes');
      expect(await wrong('hint', { text: 'x', node: 99 })).toBe('$.node: there is no node 99');
      expect(await wrong('hint', { withdraw: 1 })).toBe('$.withdraw: no hint 1 is in force');
      expect(await wrong('inject', { code: '', parent: 0 })).toMatch(/\$\.code: expected some text; \$\.parent: /);
      expect(await wrong('inject', { code: CODE, parent: 9 })).toBe('$.parent: there is no node 9');
      expect(await wrong('prune', { node: 'two', undo: 1 })).toMatch(/\$\.node: .*; \$\.undo: /);
      expect(await wrong('prune', { node: 9 })).toBe('$.node: there is no node 9');
      expect(await wrong('prune', { node: 1, undo: true })).toContain('node 1 was not pruned by itself');
      expect(await wrong('note', { node: 1 })).toContain('expected scores or a text');
      expect(await wrong('note', { node: 1, scores: { 'a b': 1 } })).toContain('$.scores');
      expect(await wrong('note', { node: 12, text: 'x' })).toBe('$.node: there is no node 12');
      expect([run.hinted, run.brought, run.noted]).toEqual([[], [], []]);
      await handle.executeUpdate(pruneUpdate, { args: [{ node: 1 }] });
      expect(await wrong('prune', { node: 1 })).toBe('$.node: node 1 is pruned already');
      expect(await wrong('inject', { code: CODE, parent: 1 })).toBe('$.parent: node 1 is pruned');
      const note = { node: 1, scores: { public: 0.5 } };
      expect(await handle.executeUpdate(noteUpdate, { args: [note] })).toEqual({ node: 1 });
      expect(run.noted).toEqual([{ runId: handle.workflowId, note }]);
      gate.open(3);
      await handle.result();
    });
  });

  it('decides as the pure policy does from the order of records, of brought scripts and of prunings', async () => {
    const run = fakeRun({ scriptMs: (id) => (id * 37) % 90 });
    const gates = [9, 17, 25];
    const gate = gateAt(run, gates);
    const prunes: { readonly decidedFrom: number; readonly node: number }[] = [];
    await withWorkers(server.environment, run.activities, async () => {
      const handle = await startRun(server.environment, { steps: 30, parallel: 3 });
      for (const first of gates) {
        // What is brought at one gate counts at the next.
        await gate.reached(first, 3);
        const node = (await handle.query(progressQuery)).best?.id ?? 1;
        prunes.push({ decidedFrom: first + 3, node });
        await handle.executeUpdate(pruneUpdate, { args: [{ node }] });
        await handle.executeUpdate(injectUpdate, { args: [{ code: CODE }] });
        gate.open(first);
      }
      await handle.result();
    });
    expect(run.published).toHaveLength(33);
    const policy = runSpecSchema.parse({ task: 'x' }).policy;
    const byCompletion = [...run.published].sort((left, right) => left.completion - right.completion);
    const decided = [...run.proposed, ...run.injected].sort((left, right) => left.nodeId - right.nodeId);
    const tree = new SearchTree('minimize');
    let completed = 0;
    for (const { nodeId, decidedAfter, parent } of decided) {
      for (; completed < decidedAfter; completed += 1) {
        const node = byCompletion[completed];
        if (node === undefined) throw new Error('a decision waits for a completion that never came');
        if (node.metric !== null) tree.complete(node.nodeId, { status: 'working', metric: node.metric });
        else tree.complete(node.nodeId, { status: 'failed', reason: node.reason ?? 'exception' });
      }
      for (const { decidedFrom, node } of prunes)
        if (nodeId >= decidedFrom && !tree.pruned.includes(node)) tree.prune(node);
      const recorded = run.published.find((node) => node.nodeId === nodeId);
      if (recorded?.operator === 'inject') {
        tree.dispatch(nodeId, 'inject', parent);
        continue;
      }
      const decision = decideGreedily(tree, randomStream(11, nodeId), policy);
      expect(decision).toEqual({ operator: recorded?.operator, parent: recorded?.parent });
      tree.dispatch(nodeId, decision.operator, decision.parent);
    }
  });
});
