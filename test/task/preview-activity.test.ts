import { chmod, rename } from 'node:fs/promises';
import { createPreview } from '../../src/activities/preview';
import { FailureType } from '../../src/domain/failure-type';
import type { PreviewInput } from '../../src/domain/steps';
import { environmentFileSchema } from '../../src/domain/run-files';
import { previewSchema } from '../../src/domain/preview';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { loadTask } from '../../src/task/load-task';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import { writeRun } from '../helpers/run-fixture';
import { DataDirectory } from './data-directory';

const keys = runKeys('some-run');

let data: DataDirectory;

beforeEach(async () => {
  data = await DataDirectory.make();
});

afterEach(() => data.remove());

async function makeRun(endpoint = 'localhost', python: string | null = null) {
  await data.write('data', { 'train.csv': 'id,a,y\n1,2,3\n', 'test.csv': 'id,a\n1,2\n' });
  const loaded = await loadTask({ task: { data: 'data', goal: 'guess', metric: 'rmse' } }, data.root);
  if (!loaded.ok) throw new Error(loaded.message);
  const store = createDirectoryStore(data.at('runs'));
  const models = resolvedModels(resolvedModel({ endpoint }));
  await writeRun(store, { runId: 'some-run', run: { task: { ...loaded.task, python }, models } });
  const host = { store, home: data.at('home'), pythonPath: '/nowhere/python', environment: {} };
  const preview = createPreview(host);
  return { store, preview: (input: PreviewInput) => preview(input, new AbortController().signal) };
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

test('where rows are withheld the data are looked at as scripts see them', async () => {
  const { store, preview } = await makeRun();
  const split = {
    method: 'random',
    trainRows: 2,
    searchRows: 1,
    selectionRows: 1,
    testRows: 1,
    dataHash: '',
    made: [],
  };
  await writeJson(store, keys.evaluation, { kind: 'holdout', why: 'it may', split });
  await store.write(`${keys.data}/train.csv`, 'id,a,y\n1,2,3\n2,3,4\n');
  await store.write(`${keys.data}/test.csv`, 'id,a\n1,2\n3,4\n4,5\n');
  await preview({ runId: 'some-run' });
  const stored = await readJson(store, keys.preview, previewSchema);
  expect(stored?.tables.map(({ path, rows }) => [path, rows])).toEqual([
    ['test.csv', 3],
    ['train.csv', 2],
  ]);
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

/** An interpreter that answers as one with these packages does. */
async function interpreterWith(packages: Readonly<Record<string, string>>): Promise<string> {
  const identity = { version: '3.12.9', platform: 'cpython-312-linux-x86_64', base: '/usr/bin/python3.12' };
  const answers = `case "$*" in *_base_executable*) echo '${JSON.stringify(identity)}';; *) echo '${JSON.stringify(packages)}';; esac`;
  await data.write('bin', { python: `#!/bin/sh\n${answers}\n` });
  await chmod(data.at('bin', 'python'), 0o755);
  return data.at('bin', 'python');
}

test("the task's own interpreter is looked at before anything is written with it", async () => {
  const { store, preview } = await makeRun('localhost', await interpreterWith({ torch: '2.8.0' }));
  await preview({ runId: 'some-run' });
  expect(await readJson(store, keys.environment, environmentFileSchema)).toEqual({
    python: '3.12.9',
    packages: { torch: '2.8.0' },
    requirementsHash: null,
  });
});

test('an interpreter that does not start is a reason to pause, and the preview is made once it does', async () => {
  await data.write('bin', { python: '#!/bin/sh\nexit 1\n' });
  const { store, preview } = await makeRun('localhost', data.at('bin', 'python'));
  await expect(preview({ runId: 'some-run' })).rejects.toMatchObject({ type: FailureType.EnvironmentFailed });
  expect(await store.exists(keys.preview)).toBe(false);
  await interpreterWith({});
  await preview({ runId: 'some-run' });
  expect(await store.exists(keys.preview)).toBe(true);
});

test('the offline model refuses an environment without what its scripts are built on', async () => {
  const { store, preview } = await makeRun('offline', await interpreterWith({ NumPy: '2', pandas: '2' }));
  await data.write('data', { 'train.csv': `id,a,y\n${'1,2,3\n2,3,5\n'.repeat(20)}` });
  await expect(preview({ runId: 'some-run' })).rejects.toMatchObject({
    type: FailureType.InvalidTask,
    message: expect.stringContaining("the task's own environment lacks scikit-learn: add them") as string,
  });
  expect(await store.list('')).toEqual([]);
});
