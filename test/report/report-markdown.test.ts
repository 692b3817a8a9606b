import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderReport } from '../../src/report/report-markdown';
import { loadRunView } from '../../src/report/run-view';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import type { FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-report-'));
  store = createDirectoryStore(root);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function report(fixture: FixtureRun): Promise<string> {
  await writeRun(store, fixture);
  const view = await loadRunView(store, fixture.runId);
  return renderReport(view!);
}

test('the report tells what came of the run, which node is best and why others failed', async () => {
  const text = await report({
    runId: 'diamonds-1',
    nodes: [
      { id: 1, metric: 612.25 },
      { id: 2, reason: 'timeout', message: 'ended after 60 s' },
      { id: 3, parent: 1, metric: 549.5, title: 'Predict the logarithm', summary: 'It helped.' },
      { id: 4, parent: 2, operator: 'debug', reason: 'timeout', message: 'again' },
    ],
    state: { state: 'finished', stopReason: 'steps' },
  });

  expect(text).toContain('finished: all steps were made');
  expect(text).toContain('Best score: **549.5** rmse (minimize), node 3');
  expect(text).toContain('Node 3, improve of 1: Predict the logarithm');
  expect(text).toMatch(/\| 4 \| debug of 2 \| failed: timeout \| – \|/);
  expect(text).toContain('| `timeout` | 2 | node 2: ended after 60 s |');
  expect(text).toContain('No language model was used');
  expect(text).toContain('npx coppice run /tasks/diamonds --steps 20 --parallel 1 --seed 7');
});

test('the course shows only the nodes that became the best, in the order of recording', async () => {
  const text = await report({
    runId: 'r',
    nodes: [
      { id: 1, metric: 10 },
      { id: 2, metric: 12 },
      { id: 3, parent: 1, metric: 6 },
      { id: 4, parent: 3, metric: 5 },
    ],
  });
  const course = /```text\n([^`]*)```/.exec(text)?.[1] ?? '';

  expect(course.match(/node \d+/g)).toEqual(['node 1', 'node 3', 'node 4']);
});

test('a run without a working node and one without any node say so', async () => {
  expect(await report({ runId: 'a', nodes: [{ id: 1, reason: 'exception' }] })).toContain('none, no script worked');
  expect(await report({ runId: 'b', state: null })).toContain('begun, nothing recorded yet');
});

test('what a model wrote cannot break the tables', async () => {
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1, title: 'a | b\n# heading `x`' }] });

  expect(text).toContain('a \\| b \\# heading \\`x\\`');
});

test('a request that the flags cannot say is made again by the temporal command', async () => {
  const text = await report({ runId: 'r', spec: { policy: { numDrafts: 9 } } });

  expect(text).toContain('temporal workflow start --type treeSearch');
  expect(text).toContain('"numDrafts":9');
});

test('with a language model the report names it and counts its use', async () => {
  const models = { endpoint: 'api.example.com', draft: 'm1', improve: 'm1', debug: 'm1', review: 'm2' };
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], run: { models } });

  expect(text).not.toContain('No language model');
  expect(text).toContain('m1, reviewed by m2, at api.example.com');
  expect(text).toContain('2 calls, 1000 prompt tokens');
});
