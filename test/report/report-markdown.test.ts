import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderReport } from '../../src/report/report-markdown';
import { loadRunView } from '../../src/report/run-view';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import type { FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { REPORTED, extendedRun, gradedRun, openRun, searchingRun } from './graded-run';

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

test("the report names the packages that scripts really had: the task's own where it brings some", async () => {
  await store.write(
    'own-1/environment.json',
    JSON.stringify({ python: '3.13.2', packages: { polars: '1.9.0' }, requirementsHash: null }),
  );
  const text = await report({ runId: 'own-1', nodes: [] });
  expect(text).toContain('Python 3.13.2');
  expect(text).toContain('polars 1.9.0');
  expect(await report({ runId: 'pinned-1', nodes: [] })).toContain('Python 3.12.1');
});

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

test('a graded run tells search score, selection score and gap, and the winner of the selection is its best node', async () => {
  const text = await report(gradedRun());

  expect(text).toContain('Best score: **549.5** rmse (minimize), node 4');
  expect(text).toContain('Selection score: **553.25 on the rows kept back, 3.75 worse than in the search**');
  expect(text).toContain('| 3 | 480 | 560 ± 9 | fitted before the split, too good |');
  expect(text).toContain('| 4 (chosen) | 549.5 | 553.25 ± 9.5 | – |');
  expect(text).toContain('Node 4 ran once more on all the data; `best/submission.csv` is from that run.');
});

test('it tells how rows were withheld, and gives the score that a script reported beside the one it got', async () => {
  const text = await report(gradedRun());

  expect(text).toContain('Evaluation `holdout`: the task names training file, target, id and a known metric.');
  expect(text).toContain('6000 rows to train on; 1000 withheld to steer the search and 1000 for the final selection');
  expect(text).toMatch(/\| 1 \| draft \| working \| 612.5 ± 9.1 \| 611 \| 4.1 s \| bubblewrap \|/);
  expect(text).toContain('| 3 | fitted before the split | Line 14: the target by group is fitted on all rows. |');
  expect(text).not.toContain('not hidden');
});

test('while the search goes on, the best by search score leads and no selection is told of', async () => {
  const text = await report(searchingRun());

  expect(text).toContain('Best score: **480** rmse (minimize), node 3');
  expect(text).not.toMatch(/selection score/i);
});

test('labels that a script without isolation could have read are called not hidden', async () => {
  expect(await report(openRun())).toContain(
    'not hidden: a script ran without isolation and could have read the withheld labels in /tasks/diamonds/input',
  );
});

test('after an extension the earlier selection is called used, and a failed run on all the data is told of', async () => {
  const text = await report(extendedRun());

  expect(text).toContain('1 earlier selection of this run (node 1 with 615) saw the same rows');
  expect(text).toContain('failed (ended after 60 s); `best/submission.csv` is from its run without the withheld rows');
});

test('a run whose scripts score themselves says why', async () => {
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], evaluation: REPORTED });

  expect(text).toContain('Evaluation `reported`: the task has no id column. Each script measured its own rmse');
  expect(text).toContain('process only: scripts could reach your files and the network');
  expect(text).not.toContain("Script's own");
});
