import { readRun } from '../../src/store/read-run';
import { runKeys } from '../../src/store/run-keys';
import { createMemoryStore } from '../helpers/memory-store';

test('a run that another coppice wrote is not taken for a broken one: its version is named', async () => {
  const store = createMemoryStore();
  await store.write(runKeys('old').run, JSON.stringify({ format: 7, versions: { coppice: '0.9.3' } }));
  await expect(readRun(store, 'old')).rejects.toThrow(
    /run "old" was begun by coppice 0\.9\.3, and this version cannot read its run\.json; .*check out coppice 0\.9\.3/,
  );
});

test('a file that says nothing of a coppice is a broken one', async () => {
  const store = createMemoryStore();
  await store.write(runKeys('broken').run, '{"format": 1}');
  await expect(readRun(store, 'broken')).rejects.toThrow(/^broken\/run\.json does not have the expected shape/);
});

test('no file is no run', async () => {
  expect(await readRun(createMemoryStore(), 'none')).toBeNull();
});
