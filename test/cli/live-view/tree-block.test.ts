import { treeWithin } from '../../../src/cli/live-view/tree-block';
import { loadRunView } from '../../../src/report/run-view';
import { createMemoryStore } from '../../helpers/memory-store';
import { writeRun } from '../../helpers/run-fixture';

test('roots that no line is left for are counted with their outcomes, those in flight too', async () => {
  const store = createMemoryStore();
  const inFlight = [3, 4, 5, 6, 7, 8].map((id) => ({ id, stage: 'executing' as const }));
  await writeRun(store, { runId: 'r', nodes: [{ id: 1, metric: 1 }, { id: 2, reason: 'timeout' }, ...inFlight] });
  const view = await loadRunView(store, 'r');
  if (view === null) throw new Error('the fixture has no run');
  const lines = treeWithin(view, 4, 80).map((line) => line.map(({ text }) => text).join(''));

  const folded = /(\d+) more nodes folded: (\d+) working, (\d+) failed, (\d+) in flight$/.exec(lines.at(-1) ?? '');
  const [all = NaN, ...parts] = folded?.slice(1).map(Number) ?? [];
  expect(all).toBe(8 - (lines.length - 1));
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(all);
});
