import { NO_USAGE } from '../../src/domain/usage';
import type { TreeNode } from '../../src/domain/tree-columns';
import type { DetailsFacts } from '../../src/workflows/details-text';
import { detailsText } from '../../src/workflows/details-text';

function node(id: number, more: Partial<TreeNode> = {}): TreeNode {
  return { id, parent: null, operator: 'draft', status: 'in_flight', reason: null, metric: null, ...more };
}

function facts(more: Partial<DetailsFacts> = {}, progress: Partial<DetailsFacts['progress']> = {}): DetailsFacts {
  return {
    progress: {
      runId: 'run',
      state: 'running',
      pause: null,
      steps: { done: 5, total: 20 },
      nodes: { working: 4, failed: 1, inFlight: 1 },
      best: { id: 3, metric: 549.5 },
      selection: null,
      usage: { ...NO_USAGE, calls: 7, promptTokens: 9000, completionTokens: 1000, costUsd: 0.5 },
      hints: [],
      pruned: [],
      ...progress,
    },
    taskPath: '/home/me/tasks/diamonds/',
    direction: 'minimize',
    elapsedMs: 3_600_000,
    totalMs: null,
    caps: { tokens: null, costUsd: null },
    inFlight: [{ node: node(6, { operator: 'improve', parent: 3 }), runs: true }],
    lately: [node(3, { status: 'working', metric: 549.5 }), node(5, { status: 'failed', reason: 'timeout' })],
    ...more,
  };
}

test('tells where the run stands, what it used, what is under way and what came last', () => {
  const text = detailsText(facts());

  expect(text).toContain('### Running\n');
  expect(text).toContain('`█████░░░░░░░░░░░░░░░` 5 of 20 steps');
  expect(text).toContain('| Task\u00a0\u00a0 | `diamonds`, minimize |');
  expect(text).toContain('| Best\u00a0\u00a0 | **549.5**, node 3 |');
  expect(text).toContain('| Worked\u00a0\u00a0 | 1 h 00 min |');
  expect(text).toContain('| Model\u00a0\u00a0 | 7 calls, 10,000 tokens, $0.50 |');
  expect(text).toContain('- node 6 · improve of 3: its script runs');
  expect(text).toMatch(/node 5 · draft: failed \(timeout\)\n- node 3 · draft: 549\.5 \(the best\)/);
  expect(text).not.toContain('Hints');
});

test('limits stand beside what was used of them', () => {
  const text = detailsText(facts({ totalMs: 7_200_000, caps: { tokens: 50_000, costUsd: 5 } }));

  expect(text).toContain('1 h 00 min of 2 h 00 min');
  expect(text).toContain('10,000 of 50,000 tokens, $0.50 of $5.00');
});

test('what people did to the run stands in it', () => {
  const hints = [
    { number: 1, node: null },
    { number: 3, node: 4 },
  ];
  const pause = { reason: 'person', message: 'paused by\na person' } as const;
  const text = detailsText(facts({}, { state: 'paused', pause, hints, pruned: [4, 9] }));

  expect(text).toContain('### Paused by a person\n');
  expect(text).toContain('| Hints in force\u00a0\u00a0 | 1, 3 (from node 4 on) |');
  expect(text).toContain('| Pruned\u00a0\u00a0 | node 4, 9 |');
});

test('a pause of its own names its reason, an unknown price is said, and the final selection stands beside the best', () => {
  const usage = { ...NO_USAGE, calls: 2, promptTokens: 500, costUsd: null };
  const pause = { reason: 'disk_full', message: 'less than 1 GB is left' } as const;
  const selection = { winner: 3, searchScore: 549.5, selectionScore: 553.25, gap: 3.75 };
  const inFlight = [{ node: node(7), runs: false }];
  const text = detailsText(facts({ inFlight }, { state: 'paused', pause, usage, selection }));

  expect(text).toContain('### Paused: less than 1 GB is left (disk_full)\n');
  expect(text).toContain('2 calls, 500 tokens, cost unknown |');
  expect(text).toContain('| Final selection\u00a0\u00a0 | 553.25 |');
  expect(text).toContain('- node 7 · draft: being written, graded or reviewed');
  expect(detailsText(facts({}, { usage: NO_USAGE }))).toContain('| Model\u00a0\u00a0 | no tokens used |');
});

test.each([
  ['./examples/birdstrikes', 'birdstrikes'],
  ['C:\\tasks\\a|b`c', "a'b'c"],
  ['/', '/'],
])('a task at %s is called %s', (taskPath, name) => {
  expect(detailsText(facts({ taskPath }))).toContain(`| \`${name}\`, minimize |`);
});

test('it stays small, whatever there is to tell', () => {
  const many = Array.from({ length: 1000 }, (_, index) => index + 1);
  const text = detailsText(
    facts(
      {
        taskPath: 'x'.repeat(10_000),
        inFlight: many.map((id) => ({ node: node(id), runs: false })),
        lately: many.map((id) => node(id)),
      },
      {
        pause: { reason: 'machinery', message: 'x'.repeat(100_000) },
        state: 'paused',
        hints: many.slice(0, 50).map((number) => ({ number, node: 10_000 })),
        pruned: many,
      },
    ),
  );

  expect(text.length).toBeLessThan(4500);
  expect(text).toContain('- and 990 more');
  expect(text).toContain('and 980 more');
});
