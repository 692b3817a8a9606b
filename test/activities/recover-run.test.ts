import { recoverRun } from '../../src/activities/recover-run';
import { NO_USAGE } from '../../src/domain/usage';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { createMemoryStore } from '../helpers/memory-store';

const written = (calls: number) => ({
  previous: null,
  nodes: [],
  tokens: 1,
  usage: { ...NO_USAGE, calls, promptTokens: 100 * calls, costUsd: 0.5 * calls },
});

test('a run that goes on has used what its digests and its story used', async () => {
  const store = createMemoryStore();
  const keys = runKeys('r');
  expect((await recoverRun(store, 'r', 'minimize')).usage).toEqual(NO_USAGE);
  await writeJson(store, keys.digest(30).record, written(1));
  await writeJson(store, keys.story.record, written(2));
  const { usage } = await recoverRun(store, 'r', 'minimize');
  expect(usage).toMatchObject({ calls: 3, promptTokens: 300, costUsd: 1.5 });
});
