import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resultExitCode, resultLines } from '../../src/cli/result-lines';
import { ExitCode } from '../../src/cli/exit-code';
import type { ReplayFile } from '../../src/domain/replay-file';
import { replayFileSchema } from '../../src/domain/replay-file';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import type { RunView } from '../../src/report/run-view';
import { loadRunView } from '../../src/report/run-view';
import { writeReports } from '../../src/report/write-reports';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { readSettings } from '../../src/workers/settings';
import type { FixtureNode } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';

const NODES = [
  { id: 1, metric: 0.1 + 0.2 },
  { id: 2, reason: 'timeout' },
  { id: 3, metric: 7 },
] as const satisfies readonly FixtureNode[];

const keys = runKeys('again');

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-replay-report-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** A replay of three nodes that came to these. */
async function replayed(nodes: readonly FixtureNode[]): Promise<RunView> {
  await writeRun(store, {
    runId: 'again',
    spec: { replay: 'first' },
    nodes,
    state: { state: 'finished', stopReason: 'steps' },
  });
  const file: ReplayFile = {
    format: 1,
    source: 'first',
    nodes: NODES.map((node) => ({
      id: node.id,
      parent: null,
      operator: 'draft',
      recorded: {
        status: 'metric' in node ? 'working' : 'failed',
        reason: 'reason' in node ? node.reason : null,
        metric: 'metric' in node ? node.metric : null,
      },
      replayed: null,
      same: null,
    })),
  };
  await writeJson(store, keys.replay, file);
  const view = await loadRunView(store, 'again');
  if (view === null) throw new Error('the fixture has no run');
  await writeReports(store, view, await readCallLedger(store, 'again'));
  return view;
}

async function report(): Promise<string> {
  return (await store.read(keys.report))?.toString() ?? '';
}

function result(view: RunView): string {
  return resultLines(readSettings({ COPPICE_STORE: root, COPPICE_HOME: root }), view).join('\n');
}

test('a replay whose nodes all came to exactly the same is done', async () => {
  const view = await replayed(NODES);
  expect(resultExitCode(view)).toBe(ExitCode.done);
  expect(await readJson(store, keys.replay, replayFileSchema)).toMatchObject({
    nodes: [
      { id: 1, replayed: { metric: 0.1 + 0.2 }, same: true },
      { id: 2, replayed: { reason: 'timeout' }, same: true },
      { id: 3, same: true },
    ],
  });
  expect(await report()).toContain(
    'The scripts of run first were run again; no model was called. 3 of 3 nodes of first came to exactly the same; ' +
      'largest difference of a score: 0.',
  );
});

test('the least difference counts, and so does another way to fail; report and result name them', async () => {
  const view = await replayed([
    { id: 1, metric: 0.3 },
    { id: 2, reason: 'exception' },
    { id: 3, metric: 7 },
  ]);
  expect(resultExitCode(view)).toBe(ExitCode.failed);
  const words = `1 of 3 nodes of first came to exactly the same; 2 did not; largest difference of a score: ${0.1 + 0.2 - 0.3}`;
  expect(result(view)).toContain(`replay     ${words}`);
  const text = await report();
  expect(text).toContain('| 1 | 0.30000000000000004 | 0.3 | 5.551115123125783e-17 |');
  expect(text).toContain('| 2 | failed: timeout | failed: exception | – |');
});

test('a node that did not run again is missing, which is no agreement', async () => {
  const view = await replayed([{ id: 1, metric: 0.1 + 0.2 }]);
  expect(resultExitCode(view)).toBe(ExitCode.failed);
  expect(result(view)).toContain('1 of 3 nodes of first came to exactly the same; 2 did not run again');
});

test('nobody says that the offline model wrote the scripts of a replay', async () => {
  const view = await replayed(NODES);
  expect(result(view)).not.toContain('offline');
  const text = await report();
  expect(text).not.toContain('offline');
  expect(text).toContain('- Scripts by: no model: the scripts of run first run again');
});
