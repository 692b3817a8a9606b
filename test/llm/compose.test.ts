import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { executionFileSchema, stepFileSchema } from '../../src/domain/node-record';
import { runFileSchema, type RunFile } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import type { ProposeInput } from '../../src/domain/steps';
import { composeDigest } from '../../src/llm/compose-digest';
import { composeProposal } from '../../src/llm/compose-proposal';
import { composeReview } from '../../src/llm/compose-review';
import { composeStory } from '../../src/llm/compose-story';
import { countMessageTokens } from '../../src/llm/count-tokens';
import type { ModelRequest } from '../../src/llm/model';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { readJson, writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import type { FixtureNode } from '../helpers/run-fixture';
import { writeRun } from '../helpers/run-fixture';
import { PREVIEW } from './prompt-fixture';

const RUN = 'run';
const LONG_CODE = Array.from({ length: 60 }, (_, index) => `step_${index} = ${index}`).join('\n');

const NODES: readonly FixtureNode[] = [
  { id: 1, metric: 0.5, title: 'A forest', summary: 'Trees work.', code: `${LONG_CODE}\n` },
  { id: 2, parent: 1, metric: 0.4, title: 'Boosting', summary: 'Boosting wins.' },
  { id: 3, parent: 1, reason: 'exception', message: 'KeyError', title: 'Ratios', summary: 'Ratios break.' },
  { id: 4, operator: 'debug', parent: 3, metric: 0.6, title: 'Mended', code: `${LONG_CODE}\nmended = 1\n` },
];

const CONTEXT = { siblings: [2, 3], best: [2], recent: [4], failed: [3], ancestors: [1], pruned: [] };

let directory: string;
let store: ArtifactStore;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coppice-compose-'));
  store = createDirectoryStore(directory);
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function open(spec: Partial<RunSpecInput> = {}, contextTokens: number | null = null): Promise<RunFile> {
  const models = resolvedModels(resolvedModel({ name: 'large', contextTokens }));
  await writeRun(store, { runId: RUN, nodes: NODES, spec, run: { models } });
  await writeJson(store, runKeys(RUN).preview, PREVIEW);
  await store.write(runKeys(RUN).digest(3).text, 'Notes of three.');
  const run = await readJson(store, runKeys(RUN).run, runFileSchema);
  if (run === null) throw new Error('no run');
  return run;
}

function improve(facts: Partial<ProposeInput> = {}): ProposeInput {
  return {
    runId: RUN,
    nodeId: 5,
    operator: 'improve',
    parent: 1,
    context: CONTEXT,
    model: 0,
    digest: 3,
    siblingsSoFar: 2,
    hints: [],
    moneyLeft: { tokens: null, costUsd: null },
    decidedAfter: 4,
    stepsDone: 4,
    stepsTotal: 20,
    secondsLeft: null,
    ...facts,
  };
}

function textOf({ messages }: ModelRequest): string {
  return messages.map(({ content }) => content).join('\n');
}

test('a proposal is made for a model from the digest, the parent and the nodes in scope', async () => {
  const request = await composeProposal(store, await open(), improve(), 0);
  expect(request).toMatchObject({ model: 'large', purpose: 'improve', nodeId: 5, ask: 1, shrunk: 0 });
  expect(request.estimatedTokens).toBe(countMessageTokens(request.messages));
  for (const part of [
    'Notes of three.',
    'step_59 = 59',
    'Boosting wins.',
    'Ratios break.',
    '#4 (debug of #3',
    'The easy changes',
  ]) {
    expect(textOf(request)).toContain(part);
  }
  expect(request.facts).toBeUndefined();
});

test.each([
  ['none', [], ['Notes of three.', 'Boosting wins.', 'Tried so far']],
  ['ancestors', ['Notes of three.'], ['Boosting wins.', 'Ratios break.']],
] as const)('scope %s leaves out the others', async (scope, shown, hidden) => {
  const request = await composeProposal(store, await open({ memory: { improve: scope } }), improve(), 0);
  for (const part of shown) expect(textOf(request)).toContain(part);
  for (const part of hidden) expect(textOf(request)).not.toContain(part);
});

test('a budget of no tokens for earlier nodes lists none', async () => {
  const request = await composeProposal(store, await open({ memory: { tokens: 0 } }), improve(), 0);
  expect(textOf(request)).not.toContain('Tried so far');
});

test('a prompt is made small enough for the context that a model is known to have', async () => {
  const usual = await composeProposal(store, await open(), improve(), 0);
  const contextTokens = usual.estimatedTokens + 4000 - 30;
  const request = await composeProposal(store, await open({}, contextTokens), improve(), 0);
  expect(request.shrunk).toBeGreaterThan(0);
  expect(request.estimatedTokens).toBeLessThanOrEqual(contextTokens - 4000);
  expect(textOf(request)).toContain('step_59 = 59');
  const hopeless = await composeProposal(store, await open({}, 1000), improve(), 0);
  expect(hopeless.shrunk).toBe(3);
});

test("the run's own templates are used", async () => {
  const run = await open();
  await store.write(
    `${runKeys(RUN).prompts}/improve.liquid`,
    '--- system ---\n--- user ---\nBetter than {{ parent.score }}!',
  );
  expect((await composeProposal(store, run, improve(), 0)).messages).toEqual([
    { role: 'user', content: 'Better than 0.5!' },
  ]);
});

test('a review of a repair shows what it changes of the working script that it goes back to', async () => {
  const run = await open();
  await writeJson(store, runKeys(RUN).evaluation, { kind: 'holdout', why: 'a test', split: null });
  const keys = runKeys(RUN).node(4);
  const step = await readJson(store, keys.step, stepFileSchema);
  const execution = await readJson(store, keys.execution, executionFileSchema);
  const code = (await store.read(keys.solution))?.toString('utf8') ?? '';
  if (step === null || execution === null) throw new Error('no node 4');
  const input = { runId: RUN, nodeId: 4, model: 0, moneyLeft: { tokens: null, costUsd: null } };
  const request = await composeReview(
    store,
    run,
    input,
    { identity: step.identity, code, execution, outcome: execution },
    0,
  );
  expect(request).toMatchObject({ purpose: 'review', responseSchema: { name: 'review' } });
  for (const part of ['what it changes of #1', '+mended = 1', 'Its parent: #3', 'The best so far: #2']) {
    expect(textOf(request)).toContain(part);
  }
  expect(textOf(request)).not.toContain('step_10 = 10');
});

test('a digest goes on from the one before, with the nodes in order and the best', async () => {
  const moneyLeft = { tokens: null, costUsd: null };
  const input = { runId: RUN, upTo: 4, previous: 3, nodes: [4, 2], model: 0, moneyLeft };
  const request = await composeDigest(store, await open(), input, 0);
  expect(request).toMatchObject({ purpose: 'digest', nodeId: 4, ask: 1 });
  expect(textOf(request)).toMatch(
    /Notes of three\.[^]*#2 \(improve of #1, 0\.4\)[^]*#4 \(debug of #3, 0\.6\)[^]*best so far\n\n#2/,
  );
});

test('the story is told from the counts, the digest and the nodes named', async () => {
  const moneyLeft = { tokens: null, costUsd: null };
  const request = await composeStory(
    store,
    await open(),
    { runId: RUN, digest: 3, nodes: [2], model: 0, moneyLeft },
    0,
  );
  expect(request).toMatchObject({ purpose: 'report', nodeId: 0 });
  for (const part of ['3 scripts worked, 1 failed', 'Notes of three.', 'Boosting wins.'])
    expect(textOf(request)).toContain(part);
});
