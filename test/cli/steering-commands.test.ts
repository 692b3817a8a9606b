import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHint } from '../../src/activities/hint';
import { hintRun } from '../../src/cli/commands/hint';
import { injectScript } from '../../src/cli/commands/inject';
import { noteNode } from '../../src/cli/commands/note';
import { pruneNode } from '../../src/cli/commands/prune';
import { showReport } from '../../src/cli/commands/report';
import { showNode } from '../../src/cli/commands/show';
import { showStatus } from '../../src/cli/commands/status';
import { showTree } from '../../src/cli/commands/tree';
import {
  hintsJsonSchema,
  noteJsonSchema,
  showJsonSchema,
  statusJsonSchema,
  treeJsonSchema,
} from '../../src/cli/json-output';
import { writeRun } from '../helpers/run-fixture';
import type { CapturedContext } from './command-harness';
import { captureContext } from './command-harness';

const TREE = { all: true, depth: null };
const RUN = 'diamonds-1';

let root: string;
let captured: CapturedContext;

/** Node 2 and what descends from it are pruned; node 4 is a person's script. */
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-steering-'));
  captured = captureContext({ COPPICE_HOME: path.join(root, 'home'), COPPICE_STORE: path.join(root, 'runs') });
  await writeRun(captured.context.store, {
    runId: RUN,
    nodes: [
      { id: 1, metric: 600 },
      { id: 2, metric: 1, title: 'Peek at the answers' },
      { id: 3, parent: 2, metric: 0.5 },
      { id: 4, operator: 'inject', metric: 700, title: 'Mine' },
      { id: 5, parent: 3, stage: 'executing' },
    ],
    state: { pruned: [2], best: { id: 1, metric: 600 }, stepsTotal: 21 },
  });
});

afterEach(() => rm(root, { recursive: true, force: true }));

const text = () => captured.printed.splice(0).join('\n');

test('notes of a run that nothing works on are written to its files, and stand beside the scores everywhere', async () => {
  const { context } = captured;
  await noteNode(context, RUN, '1', { score: ['public=590.5', 'late=1'], text: 'sent on Friday' });
  expect(text()).toBe(`noted about node 1 of ${RUN}: public 590.5, late 1; sent on Friday`);
  await noteNode(context, RUN, '1', { score: ['late=none'], json: true });
  expect(noteJsonSchema.parse(captured.takeJson())).toEqual({
    runId: RUN,
    node: 1,
    scores: { public: 590.5 },
    text: 'sent on Friday',
  });
  await showTree(context, RUN, { ...TREE, json: false });
  expect(text()).toMatch(/1 draft {2}600 .*\(public 590\.5\)/);
  await showStatus(context, RUN, { json: false });
  expect(text()).toMatch(/best {5}600, node 1 \(public 590\.5\)\nnoted {4}sent on Friday\npruned {3}2, with all below/);
  await showNode(context, RUN, '1', { json: false });
  expect(text()).toContain('noted: public 590.5; sent on Friday');
  await showReport(context, RUN, { json: false });
  const report = text();
  expect(report).toContain('Best score: **600** rmse (minimize), node 1 (public 590.5)');
  expect(report).toContain('| 1 | public 590.5 | sent on Friday |');
});

test('keys are taken out of a note on a run that is over, too', async () => {
  await noteNode(captured.context, RUN, '1', { text: 'sent with sk-proj-0123456789abcdefghijABCDEFGHIJ' });
  expect(text()).toContain('sent with [redacted]');
  expect(captured.noted.join()).toContain('what looks like a key in the note');
  expect(await readFile(path.join(root, 'runs', RUN, 'nodes', '1', 'notes.json'), 'utf8')).not.toContain('sk-proj');
});

test.each([
  [{ score: ['public'] }, /--score public: expected a name and a number/],
  [{ score: ['public=high'] }, /--score public=high/],
  [{ score: ['a b=1'] }, /scores\.a b: .*letters, digits/],
  [{}, /expected scores or a text/],
])('a note of %j is refused', async (flags, problem) => {
  await expect(noteNode(captured.context, RUN, '1', flags)).rejects.toMatchObject({
    message: expect.stringMatching(problem) as unknown,
    exitCode: 2,
  });
});

test('what was under way when the run ended is told as not recorded', async () => {
  const { context } = captured;
  await writeRun(context.store, {
    runId: 'stopped-1',
    nodes: [
      { id: 1, reason: 'timeout' },
      { id: 2, parent: 1, stage: 'executing' },
    ],
    state: { state: 'finished', stopReason: 'stopped' },
  });
  await showTree(context, 'stopped-1', { ...TREE, json: true });
  expect(treeJsonSchema.parse(captured.takeJson())).toMatchObject({ nodes: [{ id: 1 }], inFlight: [] });
  await showTree(context, 'stopped-1', { ...TREE, json: false });
  expect(text()).toMatch(/2 improve {2}not recorded$/);
  await showNode(context, 'stopped-1', '2', { json: false });
  expect(text()).toContain('ended with the run, not recorded');
  await showStatus(context, 'stopped-1', { json: false });
  expect(text()).toMatch(/0 in flight\nbest +none: no script worked/);
});

test('what is pruned, and what a person brought, is marked wherever nodes are shown', async () => {
  const { context } = captured;
  await showTree(context, RUN, { ...TREE, json: true });
  const tree = treeJsonSchema.parse(captured.takeJson());
  expect([...tree.nodes, ...tree.inFlight].map(({ id, pruned }) => [id, pruned])).toEqual([
    [1, false],
    [2, true],
    [3, true],
    [4, false],
    [5, true],
  ]);
  expect(tree.nodes[3]).toMatchObject({ operator: 'inject', parent: null, notes: null });
  await showNode(context, RUN, '3', { json: true });
  expect(showJsonSchema.parse(captured.takeJson()).node).toMatchObject({ pruned: true });
  await showNode(context, RUN, '3', { json: false });
  expect(text()).toContain('pruned: it takes no part');
  await showStatus(context, RUN, { json: true });
  expect(statusJsonSchema.parse(captured.takeJson())).toMatchObject({ pruned: [2], best: { id: 1 }, hints: [] });
  await showReport(context, RUN, { json: false });
  const report = text();
  expect(report).toContain('| 2 | draft | working, pruned |');
  expect(report).toContain('on top of the steps: node 4 (Mine)');
  expect(report).toContain('left out of best and selection: 2, with all below');
});

test('the best of a run whose state is lost is none that is pruned', async () => {
  const { context } = captured;
  await writeRun(context.store, {
    runId: 'bare',
    nodes: [
      { id: 1, metric: 600 },
      { id: 2, metric: 1 },
    ],
    state: { pruned: [2], best: null },
  });
  await showStatus(context, 'bare', { json: true });
  expect(statusJsonSchema.parse(captured.takeJson()).best).toEqual({ id: 1, metric: 600 });
});

test('hints are listed with what became of them, and those in force stand in status and report', async () => {
  const { context } = captured;
  await hintRun(context, RUN, [], {});
  expect(text()).toContain('nobody gave run');
  const hint = createHint(context);
  await hint({ runId: RUN, number: 1, text: 'Mind the\noutliers.', node: null });
  await hint({ runId: RUN, number: 2, text: 'Splines | here', node: 4 });
  await hint({ runId: RUN, number: 1, withdraw: true });
  await hintRun(context, RUN, [], {});
  expect(text()).toBe('1: Mind the outliers.  (withdrawn)\n2 (node 4 and below): Splines | here');
  await hintRun(context, RUN, [], { json: true });
  expect(hintsJsonSchema.parse(captured.takeJson()).hints).toMatchObject([
    { number: 1, withdrawnAt: expect.any(String) as unknown },
    { number: 2, node: 4, withdrawnAt: null },
  ]);
  await showStatus(context, RUN, { json: false });
  expect(text()).toContain('hint     2 (node 4 and below): Splines | here');
  await showReport(context, RUN, { json: false });
  expect(text()).toMatch(/\| 2 \| node 4 and below \| Splines \\\| here \| .* \| in force \|/);
});

test('wrong input is refused before anything is asked of a server, and a run on no server says so', async () => {
  const { context } = captured;
  const script = path.join(root, 'script.py');
  await writeFile(script, '');
  await expect(injectScript(context, RUN, script, {})).rejects.toMatchObject({
    message: expect.stringMatching(/code: expected some text/) as unknown,
  });
  await writeFile(script, Buffer.from([0x70, 0xff, 0xfe]));
  await expect(injectScript(context, RUN, script, {})).rejects.toMatchObject({
    message: expect.stringMatching(/not text in UTF-8/) as unknown,
  });
  await writeFile(script, '#'.repeat(70_000));
  await expect(injectScript(context, RUN, script, {})).rejects.toMatchObject({
    message: expect.stringMatching(/70000 bytes/) as unknown,
  });
  await expect(injectScript(context, RUN, root, {})).rejects.toMatchObject({
    message: expect.stringMatching(/EISDIR/) as unknown,
  });
  await expect(injectScript(context, RUN, `${script}x`, {})).rejects.toMatchObject({ exitCode: 2 });
  await writeFile(script, 'print(1)\n');
  const nowhere = { message: expect.stringMatching(/no server runs/) as unknown, exitCode: 1 };
  await expect(injectScript(context, RUN, script, {})).rejects.toMatchObject(nowhere);
  await expect(hintRun(context, RUN, ['try', 'more'], {})).rejects.toMatchObject(nowhere);
  await expect(hintRun(context, RUN, ['x'], { withdraw: 1 })).rejects.toMatchObject({
    message: expect.stringMatching(/text: unknown key/) as unknown,
  });
  await expect(pruneNode(context, RUN, 2, {})).rejects.toMatchObject(nowhere);
});
