import { RunTracker } from '../../../src/cli/live-view/run-tracker';
import type { ArtifactStore } from '../../../src/store/artifact-store';
import { writeNote } from '../../../src/store/write-note';
import { createMemoryStore } from '../../helpers/memory-store';
import { writeRun } from '../../helpers/run-fixture';
import { madeUpNodes } from './made-up-run';

const RUN = 'diamonds-1';

/** What a person noted about a node, as the next look finds it. */
async function notedAt(tracker: RunTracker, id: number): Promise<unknown> {
  const node = (await tracker.look())?.view.nodes.find((found) => found.id === id);
  return node === undefined || node.status === 'in_flight' ? null : (node.notes?.scores ?? null);
}

async function note(store: ArtifactStore, node: number, score: number): Promise<void> {
  await writeNote(store, RUN, { node, scores: { public: score } });
}

test('a note that is added or changed while one watches is seen at the next look', async () => {
  const store = createMemoryStore();
  await writeRun(store, { runId: RUN, nodes: madeUpNodes(20) });
  const tracker = new RunTracker(store, RUN);

  expect(await notedAt(tracker, 12)).toBeNull();
  await note(store, 12, 650);
  expect(await notedAt(tracker, 12)).toEqual({ public: 650 });
  await note(store, 12, 640.5);
  expect(await notedAt(tracker, 12)).toEqual({ public: 640.5 });
});

test('of a large run the nodes are looked at by turns, with few files read at each look', async () => {
  const store = createMemoryStore();
  await writeRun(store, { runId: RUN, nodes: madeUpNodes(500) });
  const read: string[] = [];
  const tracker = new RunTracker({ ...store, read: (key) => (read.push(key), store.read(key)) }, RUN);
  await tracker.look();
  await note(store, 498, 650);
  const seen: unknown[] = [];
  for (let look = 1; look <= 3; look += 1) {
    read.length = 0;
    seen.push(await notedAt(tracker, 498));
    expect(read.length).toBeLessThan(250);
    expect(read.some((key) => key.endsWith('nodes/1/node.json'))).toBe(false);
  }

  expect(seen.at(-1)).toEqual({ public: 650 });
});

test('nodes that were recorded since the last look are told of once', async () => {
  const store = createMemoryStore();
  const nodes = madeUpNodes(6);
  await writeRun(store, { runId: RUN, nodes });
  const tracker = new RunTracker(store, RUN);
  const fresh = async (): Promise<number[]> => (await tracker.look())?.fresh.map(({ id }) => id) ?? [];

  expect(await fresh()).toEqual([1, 2, 3, 4]);
  expect(await fresh()).toEqual([]);
  await writeRun(store, { runId: RUN, nodes: [...nodes.slice(0, 4), { id: 5, metric: 3 }] });
  expect(await fresh()).toEqual([5]);
});
