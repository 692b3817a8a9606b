import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandFailure } from '../../src/cli/command-failure';
import { listRuns } from '../../src/cli/commands/list';
import { showLogs } from '../../src/cli/commands/logs';
import { showReport } from '../../src/cli/commands/report';
import { showNode } from '../../src/cli/commands/show';
import { showStatus } from '../../src/cli/commands/status';
import { showTree } from '../../src/cli/commands/tree';
import {
  listJsonSchema,
  logsJsonSchema,
  reportJsonSchema,
  showJsonSchema,
  statusJsonSchema,
  treeJsonSchema,
} from '../../src/cli/json-output';
import { liveOutputPath } from '../../src/sandbox/attempts';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import { writeRun } from '../helpers/run-fixture';
import { gradedRun, openRun, searchingRun } from '../report/graded-run';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const TEXT_OUTPUT = { json: false, all: false, depth: null, follow: false, tail: null };
const JSON_OUTPUT = { ...TEXT_OUTPUT, json: true };

let root: string;
let captured: CapturedContext;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-reading-'));
  captured = captureContext({
    COPPICE_HOME: path.join(root, 'home'),
    COPPICE_STORE: path.join(root, 'runs'),
    COPPICE_HOST_ID: 'here',
  });
  await writeRun(captured.context.store, {
    runId: 'diamonds-1',
    nodes: [
      { id: 1, metric: 612.5 },
      { id: 2, reason: 'timeout', message: 'ended after 60 s' },
      { id: 3, parent: 1, metric: 549.5, title: 'Predict the logarithm' },
      { id: 4, parent: 3, stage: 'executing' },
    ],
  });
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('status counts the recorded nodes and calls a run without a server interrupted', async () => {
  await showStatus(captured.context, 'diamonds-1', JSON_OUTPUT);
  const status = statusJsonSchema.parse(captured.takeJson());

  expect(status).toMatchObject({
    runId: 'diamonds-1',
    state: 'interrupted',
    steps: { done: 3, total: 20 },
    nodes: { working: 2, failed: 1, inFlight: 1 },
    best: { id: 3, metric: 549.5 },
    usage: { calls: 8, costUsd: 0 },
    elapsedSeconds: 20,
    offline: true,
  });
});

test('status in words says how to go on', async () => {
  await showStatus(captured.context, 'diamonds-1', TEXT_OUTPUT);

  expect(captured.printed).toContain('best     549.5, node 3');
  expect(captured.printed.join('\n')).toContain('coppice resume diamonds-1');
});

test.each([
  [{ state: 'finished', stopReason: 'target' } as const, 'finished', 'the target score was reached'],
  [{ state: 'cancelled', stopReason: 'cancelled' } as const, 'cancelled', 'it was cancelled'],
  [
    { state: 'paused', pause: { reason: 'model_key', message: 'the key was refused' } } as const,
    'paused',
    'the key was refused',
  ],
])('status tells the state %j from the files', async (state, expected, words) => {
  await writeRun(captured.context.store, { runId: 'r', nodes: [{ id: 1, metric: 1 }], state });
  await showStatus(captured.context, 'r', JSON_OUTPUT);

  expect(statusJsonSchema.parse(captured.takeJson()).state).toBe(expected);
  await showStatus(captured.context, 'r', TEXT_OUTPUT);
  expect(captured.printed.join('\n')).toContain(words);
});

describe('status of a run with a language model', () => {
  const priced = resolvedModel({ price: { input: 2, output: 8 } });
  const usage = {
    calls: 9,
    promptTokens: 12_000,
    completionTokens: 3000,
    cachedTokens: 1000,
    reasoningTokens: 500,
    costUsd: 0.75,
  };
  const nodes = [1, 2, 3].map((id) => ({ id, metric: id }));

  test('tells what it used by role, what it cost and what the rest will take', async () => {
    const digest = { ...usage, calls: 1 };
    const { store } = captured.context;
    await writeRun(store, { runId: 'r', nodes, run: { models: resolvedModels(priced) }, state: { usage } });
    const written = { previous: null, nodes: [], tokens: 10, usage: digest };
    await writeJson(store, runKeys('r').digest(2).record, written);
    await showStatus(captured.context, 'r', JSON_OUTPUT);
    const status = statusJsonSchema.parse(captured.takeJson());

    expect(status.usage).toMatchObject(usage);
    expect(status.usage.byRole).toMatchObject({
      draft: { calls: 3, promptTokens: 1800, completionTokens: 450, cachedTokens: 300 },
      review: { calls: 3, promptTokens: 1200, completionTokens: 150, cachedTokens: 0 },
      digest,
      improve: { calls: 0, costUsd: 0 },
    });
    expect(status.forecast).toEqual({ steps: 17, tokens: 85_000, costUsd: 4.25, seconds: 85 });
    await showStatus(captured.context, 'r', TEXT_OUTPUT);
    expect(captured.printed).toEqual(
      expect.arrayContaining([
        'model    9 calls, 12,000 prompt (1,000 cached) and 3,000 completion tokens, $0.75',
        'forecast 17 steps left: about 85,000 tokens, $4.25 and 85.0 s',
      ]),
    );
  });

  test('says where no price is known, and the cap with what extend added', async () => {
    await writeRun(captured.context.store, {
      runId: 'r',
      nodes,
      spec: { limits: { tokens: 50_000 } },
      run: { models: resolvedModels(resolvedModel({ name: 'my-model' })) },
      state: { usage: { ...usage, costUsd: null }, extendedTokens: 1000 },
    });
    await showStatus(captured.context, 'r', TEXT_OUTPUT);
    const text = captured.printed.join('\n');

    expect(text).toContain('price    no price is known for my-model');
    expect(text).toContain('cap      51,000 tokens');
    expect(text).toContain('about 85,000 tokens and 85.0 s');
  });

  test('forecasts nothing once it is over', async () => {
    const state = { usage, state: 'finished', stopReason: 'cost' } as const;
    await writeRun(captured.context.store, { runId: 'r', nodes, run: { models: resolvedModels(priced) }, state });
    await showStatus(captured.context, 'r', JSON_OUTPUT);

    expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({ forecast: null, stopReason: 'cost' });
  });
});

test('a node recorded after the last state is counted, and so is a run that has no state yet', async () => {
  await writeRun(captured.context.store, { runId: 'r', nodes: [{ id: 1, metric: 2 }], state: null });
  await showStatus(captured.context, 'r', JSON_OUTPUT);

  expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({
    steps: { done: 1, total: 20 },
    best: { id: 1, metric: 2 },
    usage: { calls: 2 },
    updatedAt: null,
  });
});

test('tree gives the recorded nodes and, apart from them, those in flight', async () => {
  await showTree(captured.context, 'diamonds-1', JSON_OUTPUT);
  const tree = treeJsonSchema.parse(captured.takeJson());

  expect(tree.direction).toBe('minimize');
  expect(tree.nodes.map(({ id, parent, status, metric }) => [id, parent, status, metric])).toEqual([
    [1, null, 'working', 612.5],
    [2, null, 'failed', null],
    [3, 1, 'working', 549.5],
  ]);
  expect(tree.inFlight).toMatchObject([{ id: 4, parent: 3, stage: 'executing' }]);
});

test('status and tree give the scores of a graded run, its selection and its doubts', async () => {
  await writeRun(captured.context.store, gradedRun());
  await showStatus(captured.context, 'graded', JSON_OUTPUT);
  expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({
    best: { id: 4, metric: 549.5 },
    evaluation: { kind: 'holdout' },
    selection: { winner: 4, searchScore: 549.5, selectionScore: 553.25, gap: 3.75 },
    isolation: { bubblewrap: 4, process: 0 },
    hidden: true,
  });
  await showTree(captured.context, 'graded', JSON_OUTPUT);
  expect(treeJsonSchema.parse(captured.takeJson()).nodes[2]).toMatchObject({
    metric: 480,
    standardError: 8,
    reportedMetric: 120,
    selectionScore: 560,
    marks: [{ kind: 'fit_before_split' }, { kind: 'too_good' }],
    isolation: 'bubblewrap',
  });
});

test('status and tree say the same in words', async () => {
  await writeRun(captured.context.store, gradedRun());
  await showStatus(captured.context, 'graded', TEXT_OUTPUT);
  await showTree(captured.context, 'graded', TEXT_OUTPUT);

  expect(captured.printed).toEqual(
    expect.arrayContaining([
      'scores   holdout: predictions for withheld rows',
      'isolated bubblewrap',
      'best     549.5, node 4',
      'selected 553.25 on the rows kept back, 3.75 worse than in the search',
      '│  ├─ 3 improve  480 ± 8  (selection 560)  ⚠ fitted before the split, too good  Average the target by cut',
      '│  └─ 4 improve  549.5 ± 8.5  (selection 553.25)  ★ best  Plan of node 4',
    ]),
  );
});

test('while the search goes on, the best is that by search score', async () => {
  await writeRun(captured.context.store, searchingRun());
  await showStatus(captured.context, 'graded', JSON_OUTPUT);

  expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({ best: { id: 3 }, selection: null });
});

test('status calls labels that a script could have read not hidden', async () => {
  await writeRun(captured.context.store, openRun());
  await showStatus(captured.context, 'graded', JSON_OUTPUT);
  expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({ isolation: { process: 1 }, hidden: false });
  await showStatus(captured.context, 'graded', TEXT_OUTPUT);
  expect(captured.printed.join('\n')).toContain('warning  not hidden: a script ran without isolation');
});

test('tree in text shows who came from whom and marks the best', async () => {
  await showTree(captured.context, 'diamonds-1', TEXT_OUTPUT);

  expect(captured.printed).toEqual([
    'diamonds-1: rmse (minimize)',
    '├─ 1 draft  612.5  Plan of node 1',
    '│  └─ 3 improve  549.5  ★ best  Predict the logarithm',
    '│     └─ 4 improve  … executing',
    '└─ 2 draft  failed: timeout  Plan of node 2',
  ]);
});

test('a chain of thousands of improvements can be shown', async () => {
  const { context } = captured;
  await writeRun(context.store, { runId: 'r', nodes: [{ id: 1, metric: 1 }] });
  const record = JSON.parse(String(await context.store.read(runKeys('r').node(1).record))) as object;
  for (let id = 2; id <= 1500; id += 1) {
    const directory = path.join(context.settings.store, 'r', 'nodes', String(id));
    await mkdir(directory);
    await writeFile(
      path.join(directory, 'node.json'),
      JSON.stringify({ ...record, id, parent: id - 1, operator: 'improve' }),
    );
  }
  await showTree(context, 'r', TEXT_OUTPUT);

  expect(captured.printed).toHaveLength(1501);
});

test('show gives plan, code, output and review of a node', async () => {
  await showNode(captured.context, 'diamonds-1', '3', JSON_OUTPUT);
  const shown = showJsonSchema.parse(captured.takeJson());

  expect(shown).toMatchObject({
    node: { id: 3, operator: 'improve', status: 'working' },
    title: 'Predict the logarithm',
    code: "print('node 3')\n",
    output: 'output of node 3\n',
    review: { verdict: 'sound' },
    directory: path.join(root, 'runs', 'diamonds-1', 'nodes', '3'),
  });
  await showNode(captured.context, 'diamonds-1', '4', JSON_OUTPUT);
  expect(showJsonSchema.parse(captured.takeJson())).toMatchObject({ node: { stage: 'executing' }, review: null });
});

test('show in text gives all scores of a node and its doubts', async () => {
  await writeRun(captured.context.store, gradedRun());
  await showNode(captured.context, 'graded', '3', TEXT_OUTPUT);

  expect(captured.printed).toEqual(
    expect.arrayContaining([
      'rmse: 480 ± 8',
      'selection score: 560 ± 9',
      "script's own score: 120",
      'doubt: fitted before the split: Line 14: the target by group is fitted on all rows.',
      'isolation: bubblewrap',
    ]),
  );
});

test('show in text tells why a node failed', async () => {
  await showNode(captured.context, 'diamonds-1', '2', TEXT_OUTPUT);

  expect(captured.printed.join('\n')).toContain('outcome: failed: timeout, ended after 60 s');
});

test('logs gives the stored output, and what a running script has written so far', async () => {
  await showLogs(captured.context, 'diamonds-1', '1', JSON_OUTPUT);
  expect(logsJsonSchema.parse(captured.takeJson())).toMatchObject({ running: false, output: 'output of node 1\n' });

  const directory = path.join(root, '4-1');
  await mkdir(path.dirname(liveOutputPath(directory)), { recursive: true });
  await writeFile(liveOutputPath(directory), 'fold 1\n');
  await writeProcess('here', directory);
  await showLogs(captured.context, 'diamonds-1', '4', JSON_OUTPUT);
  expect(logsJsonSchema.parse(captured.takeJson())).toMatchObject({ running: true, output: 'fold 1\n' });
});

test('logs of a script on another machine says where it runs', async () => {
  await writeProcess('elsewhere', '/nowhere');

  await expect(showLogs(captured.context, 'diamonds-1', '4', TEXT_OUTPUT)).rejects.toThrow(
    /another machine \(elsewhere\)/,
  );
});

async function writeProcess(hostId: string, directory: string): Promise<void> {
  await writeJson(captured.context.store, runKeys('diamonds-1').node(4).process, {
    attempt: 1,
    hostId,
    bootId: 'boot',
    pid: 4_000_000,
    startTime: '1',
    codeHash: 'hash',
    token: 'token',
    directory,
    startedAt: '2026-01-02T03:04:05.000Z',
  });
}

test('list gives the newest run first and is not stopped by one with broken files', async () => {
  const { context } = captured;
  await writeRun(context.store, { runId: 'later', run: { createdAt: '2026-02-01T00:00:00.000Z' }, state: null });
  await context.store.write(runKeys('broken').run, '{');
  await context.store.write('not-a-run/readme.txt', '');
  await listRuns(context, JSON_OUTPUT);
  const { runs } = listJsonSchema.parse(captured.takeJson());

  expect(runs.map(({ runId, state, steps }) => [runId, state, steps.done])).toEqual([
    ['later', 'interrupted', 0],
    ['diamonds-1', 'interrupted', 3],
  ]);
  expect(captured.noted.join()).toContain('broken/run.json');
});

test('report is made anew from the files, with its tree', async () => {
  await showReport(captured.context, 'diamonds-1', JSON_OUTPUT);
  const made = reportJsonSchema.parse(captured.takeJson());

  expect(made.report).toContain('# Run diamonds-1');
  const keys = runKeys('diamonds-1');
  expect(String(await captured.context.store.read(keys.report))).toBe(made.report);
  expect(await captured.context.store.exists(keys.tree)).toBe(true);
});

test.each([
  ['a run', () => showStatus(captured.context, 'nope', TEXT_OUTPUT), 'there is no run "nope"'],
  ['a run by a path', () => showStatus(captured.context, '../runs/diamonds-1', TEXT_OUTPUT), 'there is no run'],
  ['a node', () => showNode(captured.context, 'diamonds-1', '9', TEXT_OUTPUT), 'has no node "9"'],
])('asking for %s that is not there is wrong input', async (_what, ask, message) => {
  const failure = await ask().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(CommandFailure);
  expect(failure).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) as string });
});
