import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRun } from '../../src/cli/find-run';
import { writeRun } from '../helpers/run-fixture';
import { runRequest } from '../helpers/run-request';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const PASSED = '2020-01-01T00:00:00.000Z';

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-find-'));
  captured = captureContext({ COPPICE_HOME: path.join(root, 'home'), COPPICE_STORE: path.join(root, 'runs') });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('a deadline that has passed', () => {
  test.each([null, 'mine'])('is refused for a new run (id: %s)', async (runId) => {
    await expect(
      findRun(captured.context, runRequest({ limits: { deadline: PASSED } }, runId), null),
    ).rejects.toMatchObject({
      exitCode: 2,
      message: `--deadline ${PASSED}: that moment has passed`,
    });
  });

  test('keeps no run that has begun from going on, nor a result from being shown', async () => {
    const { store } = captured.context;
    const spec = { task: '/tasks/diamonds', limits: { deadline: PASSED } };
    await writeRun(store, { runId: 'begun', spec, nodes: [{ id: 1, metric: 1 }] });
    const over = { state: 'finished', stopReason: 'time' } as const;
    await writeRun(store, { runId: 'over', spec, nodes: [{ id: 1, metric: 1 }], state: over });

    const going = { kind: 'unfinished', runId: 'begun' };
    expect(await findRun(captured.context, runRequest({ limits: { deadline: PASSED } }), null)).toEqual(going);
    expect(await findRun(captured.context, runRequest({ limits: { deadline: PASSED } }, 'begun'), null)).toEqual(going);
    expect(await findRun(captured.context, runRequest({ limits: { deadline: PASSED } }, 'over'), null)).toEqual({
      kind: 'over',
      runId: 'over',
    });
  });
});

test('a deadline ahead is taken', async () => {
  const ahead = new Date(Date.now() + 60_000).toISOString();
  expect(await findRun(captured.context, runRequest({ limits: { deadline: ahead } }), null)).toMatchObject({
    kind: 'new',
  });
});
