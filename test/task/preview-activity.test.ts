import { rename } from 'node:fs/promises';
import { createPreview } from '../../src/activities/preview';
import { FailureType } from '../../src/domain/failure-type';
import { previewSchema } from '../../src/domain/preview';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { loadTask } from '../../src/task/load-task';
import { writeRun } from '../helpers/run-fixture';
import { DataDirectory } from './data-directory';

const keys = runKeys('some-run');

let data: DataDirectory;

beforeEach(async () => {
  data = await DataDirectory.make();
});

afterEach(() => data.remove());

async function makeRun(endpoint = 'localhost') {
  await data.write('data', { 'train.csv': 'id,a,y\n1,2,3\n', 'test.csv': 'id,a\n1,2\n' });
  const loaded = await loadTask({ data: 'data', goal: 'guess', metric: 'rmse' }, data.root);
  if (!loaded.ok) throw new Error(loaded.message);
  const store = createDirectoryStore(data.at('runs'));
  const models = { endpoint, draft: 'm', improve: 'm', debug: 'm', review: 'm' };
  await writeRun(store, { runId: 'some-run', run: { task: loaded.task, models } });
  return { store, preview: createPreview({ store }) };
}

test('the preview of the task is stored once and never made again', async () => {
  const { store, preview } = await makeRun();
  await preview({ runId: 'some-run' });
  const stored = await readJson(store, keys.preview, previewSchema);
  expect(stored?.tables.map(({ path, rows }) => [path, rows])).toEqual([
    ['test.csv', 1],
    ['train.csv', 1],
  ]);
  await data.write('data', { 'train.csv': 'id,a,y\n' });
  await preview({ runId: 'some-run' });
  expect(await readJson(store, keys.preview, previewSchema)).toEqual(stored);
});

test('data that is gone fails for good and says which directory to bring back', async () => {
  const { store, preview } = await makeRun();
  await rename(data.at('data'), data.at('elsewhere'));
  await expect(preview({ runId: 'some-run' })).rejects.toMatchObject({
    type: FailureType.InvalidTask,
    nonRetryable: true,
    message: `Data directory ${data.at('data')} does not exist; bring the task's data back, then start the run again under its id.`,
  });
  expect(await store.exists(keys.preview)).toBe(false);
});

test('a run whose files are missing or broken can be tried again', async () => {
  const { store, preview } = await makeRun();
  await expect(preview({ runId: 'another-run' })).rejects.toMatchObject({
    name: 'StoreError',
    message: 'another-run/run.json is missing; start the run again under its id',
  });
  await writeJson(store, keys.run, { format: 'broken' });
  await expect(preview({ runId: 'some-run' })).rejects.toMatchObject({ name: 'StoreError' });
});

test('what the offline model cannot do is refused for good, and nothing of the run stays', async () => {
  const { store, preview } = await makeRun('offline');
  await data.write('data', { 'train.csv': 'id,a,y\n' });
  await expect(preview({ runId: 'some-run' })).rejects.toMatchObject({
    type: FailureType.InvalidTask,
    nonRetryable: true,
    message: expect.stringContaining('model') as string,
  });
  expect(await store.list('')).toEqual([]);
});
