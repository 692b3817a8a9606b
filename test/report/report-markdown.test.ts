import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_USAGE, type Usage } from '../../src/domain/usage';
import { readCallLedger } from '../../src/llm/read-call-ledger';
import { loadRunView } from '../../src/report/run-view';
import { writeReports } from '../../src/report/write-reports';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { runKeys } from '../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import type { FixtureRun } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { writeCall } from '../helpers/stored-calls';
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
  await writeReports(store, view!, await readCallLedger(store, fixture.runId));
  return String(await store.read(runKeys(fixture.runId).report));
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

const PRICED = resolvedModel({ name: 'm1', endpoint: 'api.example.com', price: { input: 2, output: 8 } });
const REVIEWER = resolvedModel({ name: 'm2', endpoint: 'api.example.com', price: { input: 1, output: 4 } });
const FINISHED = { state: 'finished', stopReason: 'steps' } as const;

function used(fields: Partial<Usage>): Usage {
  return { ...NO_USAGE, calls: 1, ...fields };
}

test('with a language model the report names it and counts its use by role, with what it cost', async () => {
  const node = runKeys('r').node(1);
  const draft = used({
    promptTokens: 1200,
    completionTokens: 300,
    cachedTokens: 1000,
    reasoningTokens: 90,
    costUsd: 0.5,
  });
  await writeCall(store, node.call('draft', 1), {
    purpose: 'draft',
    estimatedTokens: 1000,
    sendings: [{ usage: draft }],
  });
  const review = used({ promptTokens: 300, completionTokens: 20, costUsd: 0.004 });
  await writeCall(store, node.call('review', 1), {
    purpose: 'review',
    estimatedTokens: 500,
    sendings: [{ usage: review }],
  });
  const models = resolvedModels(PRICED, { review: [REVIEWER, PRICED] });
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], run: { models }, state: FINISHED });

  expect(text).not.toContain('No language model');
  expect(text).toContain('m1 at api.example.com; review: m2 at api.example.com, else m1 at api.example.com');
  expect(text).toContain('| draft | m1 | 1 | 1,200 | 1,000 | 300 | 90 | $0.50 |');
  expect(text).toContain('| review | m2, else m1 | 1 | 300 | 0 | 20 | 0 | $0.004 |');
  expect(text).toContain('| all |  | 2 | 1,500 | 1,000 | 320 | 90 | $0.50 |');
  expect(text).not.toMatch(/\| (?:improve|digest) \|/);
  expect(text).toContain('coppice had counted 1,500 tokens, the servers 1,500: 1.00 times as many');
  expect(text).not.toMatch(/lost|no price/i);
});

test('a model without a known price is told of, and only its tokens are counted', async () => {
  const unpriced = resolvedModel({ name: 'my_model' });
  const usage = used({ promptTokens: 10, costUsd: null });
  await writeCall(store, runKeys('r').node(1).call('draft', 1), { purpose: 'draft', sendings: [{ usage }] });
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], run: { models: resolvedModels(unpriced) } });

  expect(text).toContain('| all |  | 1 | 10 | 0 | 0 | 0 | – |');
  expect(text).toContain('No price is known for my\\_model');
  expect(text).toContain('COPPICE\\_PRICES');
});

test('calls that were open when their worker was killed are lost at the end, and may still be open before it', async () => {
  const open = { endedAt: null, outcome: null, usage: null, sentAt: '2026-01-02T03:04:05.000Z' };
  const keys = runKeys('r').node(1);
  await writeCall(store, keys.call('draft', 1), { purpose: 'draft', sendings: [open, { usage: used({}) }] });
  const run = { models: resolvedModels(PRICED) };
  const over = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], run, state: FINISHED });

  expect(over).toContain('1 call lost: sent, and open when the worker was killed.');
  expect(over).toContain('| 1 | draft | large | 2026-01-02T03:04:05.000Z |');
  expect(await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }], run })).toContain('1 call without an end so far');
});

test('the story that a model told stands under a heading of its own, and cannot pass for the report', async () => {
  await store.write(runKeys('r').story.text, '# Outcome\n\nThe logarithm won.\n');
  const text = await report({ runId: 'r', nodes: [{ id: 1, metric: 1 }] });

  expect(text).toContain('## The search, as the model tells it\n\n> # Outcome\n>\n> The logarithm won.');
  expect(await report({ runId: 'other', nodes: [{ id: 1, metric: 1 }] })).not.toContain('as the model tells it');
});

test('caps on money stand among the limits and in the line that makes the run again', async () => {
  const limits = { tokens: 1_500_000, cost: 2.5 };
  const text = await report({ runId: 'r', spec: { limits }, state: { ...FINISHED, stopReason: 'cost' } });

  expect(text).toContain('all model calls $2.50 and 1,500,000 tokens');
  expect(text).toContain('--max-tokens 1500000 --max-cost 2.5');
  expect(text).toContain('finished: the money it may cost was used up');
});

test.each<[FixtureRun['spec'], string]>([
  [{ models: { default: ['large', 'small'] } }, '"default":["large","small"]'],
  [{ models: { default: 'large', digest: 'small' } }, '"digest":"small"'],
  [{ models: { review: { name: 'small', temperature: 0 } } }, '"temperature":0'],
  [{ memory: { digestEvery: 0 } }, '"digestEvery":0'],
  [{ prompts: '/prompts' }, '"prompts":"/prompts"'],
])('%j is made again by the temporal command', async (spec, said) => {
  const text = await report({ runId: 'r', spec: spec! });

  expect(text).toContain('temporal workflow start --type treeSearch');
  expect(text).toContain(said);
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
