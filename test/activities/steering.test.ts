import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { createHint } from '../../src/activities/hint';
import { createInject, createStoreInjected } from '../../src/activities/inject';
import { createSaveState } from '../../src/activities/save-state';
import { titleOfScript } from '../../src/activities/title-of-script';
import { proposalFileSchema, stepFileSchema } from '../../src/domain/node-record';
import { hintFileSchema, injectedFileSchema, notesFileSchema } from '../../src/domain/steering';
import type { SaveStateInput } from '../../src/domain/steps';
import { NO_USAGE } from '../../src/domain/usage';
import { promptFileSchema } from '../../src/llm/call-files';
import { contentHash } from '../../src/store/content-hash';
import { readJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeNote } from '../../src/store/write-note';
import { writeRun } from '../helpers/run-fixture';
import { draftOf, openModelSteps, RUN, type ModelSteps } from './model-step-fixture';
import type { OpenRunScene } from './open-run-scene';
import { openScene } from './open-run-scene';

const CODE = '"""\nRidge on logarithms.\n"""\nprint("metric: 1")\n';

describe('hints', () => {
  let steps: ModelSteps;

  beforeEach(async () => {
    steps = await openModelSteps({});
    const hint = createHint(steps);
    await hint({ runId: RUN, number: 1, text: 'Mind the outliers.', node: null });
    await hint({ runId: RUN, number: 2, text: 'Try a spline.', node: 4 });
  });

  afterEach(() => steps.close());

  async function promptOf(nodeId: number): Promise<string> {
    const { prompt } = steps.keys.node(nodeId).call('draft', 1);
    return promptFileSchema
      .parse(await steps.readObject(prompt))
      .messages.map(({ content }) => content)
      .join('\n');
  }

  const identityOf = async (nodeId: number) =>
    (await readJson(steps.store, steps.keys.node(nodeId).step, stepFileSchema))?.identity.hints;

  it('stand in the prompt, in their order, and belong to what the node is made from', async () => {
    await steps.propose({ ...draftOf(1), hints: [1, 2] });
    expect(await promptOf(1)).toContain('- Mind the outliers.\n- Try a spline.');
    expect(await identityOf(1)).toEqual(['Mind the outliers.', 'Try a spline.']);
    await steps.propose({ ...draftOf(2), hints: [] });
    expect(await promptOf(2)).not.toContain('outliers');
  });

  it('of a node that had begun stay what they were: nothing is bought again', async () => {
    await steps.propose({ ...draftOf(1), hints: [1] });
    await createHint(steps)({ runId: RUN, number: 1, withdraw: true });
    await steps.store.remove(steps.keys.node(1).proposal);
    await steps.propose({ ...draftOf(1), hints: null });
    expect([await identityOf(1), steps.server.requests().length]).toEqual([['Mind the outliers.'], 1]);
    expect(await steps.store.list(steps.keys.supersededDirectory)).toEqual([]);
    await steps.propose({ ...draftOf(1), hints: [2] });
    expect([await identityOf(1), steps.server.requests().length]).toEqual([['Try a spline.'], 2]);
    expect(await steps.store.list(steps.keys.supersededDirectory)).toEqual(['1-1']);
  });

  it('are withdrawn once, and stored as they were given', async () => {
    const hint = createHint(steps);
    const read = () => readJson(steps.store, steps.keys.hint(2), hintFileSchema);
    const before = await read();
    await hint({ runId: RUN, number: 2, text: 'Try a spline.', node: 4 });
    expect(await read()).toEqual(before);
    await hint({ runId: RUN, number: 2, withdraw: true });
    const withdrawn = await read();
    expect(withdrawn).toMatchObject({ text: 'Try a spline.', node: 4, withdrawnAt: expect.any(String) as unknown });
    await hint({ runId: RUN, number: 2, withdraw: true });
    expect(await read()).toEqual(withdrawn);
  });
});

describe('a script that a person brought', () => {
  let steps: ModelSteps;

  beforeEach(async () => {
    steps = await openModelSteps({ nodes: [{ id: 1, metric: 5 }] });
  });

  afterEach(() => steps.close());

  it('is stored, becomes a node as if a model had written it, and costs no call', async () => {
    const { store, keys } = steps;
    await createStoreInjected(steps)({ runId: RUN, number: 3, request: { code: CODE, parent: 1 } });
    expect(await readJson(store, keys.injected(3), injectedFileSchema)).toMatchObject({
      title: 'Ridge on logarithms.',
      parent: 1,
      code: CODE,
    });
    const input = { runId: RUN, nodeId: 2, number: 3, parent: 1, decidedAfter: 1 };
    const inject = createInject(steps);
    expect(await inject(input)).toEqual({ status: 'proposed', usage: NO_USAGE });
    const node = keys.node(2);
    expect(await steps.readText(node.solution)).toBe(CODE);
    expect(await steps.readText(node.plan)).toMatch(/^Ridge on logarithms\.\n\n/);
    const step = await readJson(store, node.step, stepFileSchema);
    expect(step).toMatchObject({
      decidedAfter: 1,
      identity: { operator: 'inject', parent: 1, injection: 3, hints: [] },
    });
    expect(step?.identity.parentCodeHash).toBe(contentHash("print('node 1')\n"));
    expect(await readJson(store, node.proposal, proposalFileSchema)).toMatchObject({ codeHash: contentHash(CODE) });
    await inject(input);
    expect(await store.list(keys.supersededDirectory)).toEqual([]);
    expect(steps.server.requests()).toEqual([]);
    await createStoreInjected(steps)({ runId: RUN, number: 4, request: { code: 'print(2)\n', title: 'other' } });
    await inject({ ...input, number: 4, parent: null });
    expect(await steps.readText(node.solution)).toBe('print(2)\n');
    expect(await store.list(keys.supersededDirectory)).toEqual(['2-1']);
  });

  it('is improved like any other', async () => {
    await createStoreInjected(steps)({ runId: RUN, number: 1, request: { code: CODE } });
    await createInject(steps)({ runId: RUN, nodeId: 2, number: 1, parent: null, decidedAfter: 1 });
    await writeRun(steps.store, { runId: 'other', nodes: [{ id: 2, operator: 'inject', metric: 3, code: CODE }] });
    await steps.store.copy('other/nodes/2/node.json', steps.keys.node(2).record);
    await steps.propose({ ...draftOf(3), operator: 'improve', parent: 2 });
    const { prompt } = steps.keys.node(3).call('improve', 1);
    expect(await steps.readText(prompt)).toContain('Ridge on logarithms.');
  });
});

test.each([
  ['#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n\n# Boosting, deep\nimport os\n', 'Boosting, deep'],
  ['"""One line."""\n', 'One line.'],
  ["r'''\n\n  Several\n  lines.\n'''\n", 'Several'],
  ["'just a string'\n", 'just a string'],
  ['# noqa: E501\n#####\nimport os\n# later\n', "a script of a person's"],
  ['"""never closed\n', "a script of a person's"],
  [`# ${'x'.repeat(300)}`, 'x'.repeat(200)],
])('the title of %j is %j', (code, title) => {
  expect(titleOfScript(code)).toBe(title);
});

describe('the files of a steered run', () => {
  let scene: OpenRunScene;

  beforeEach(async () => {
    scene = await openScene();
    await writeRun(scene.store, {
      runId: 'source',
      spec: { task: scene.task, steps: 9 },
      nodes: [
        { id: 1, metric: 30 },
        { id: 2, metric: 20 },
        { id: 3, operator: 'inject', parent: 2, metric: 10 },
        { id: 4, operator: 'inject', stage: 'executing' },
      ],
      state: { pruned: [2], best: { id: 1, metric: 30 } },
    });
    const hint = createHint(scene);
    for (const [number, node] of [null, 2, 4, null].entries())
      await hint({ runId: 'source', number: number + 1, text: `hint ${number + 1}`, node });
    await hint({ runId: 'source', number: 1, withdraw: true });
    const storeInjected = createStoreInjected(scene);
    for (const number of [1, 2, 3])
      await storeInjected({ runId: 'source', number, request: { code: CODE, parent: 1 } });
    // What the fixture cannot know: which script each node is.
    for (const [node, injection] of [
      [3, 1],
      [4, 2],
    ] as const) {
      const key = runKeys('source').node(node).step;
      const step = await readJson(scene.store, key, stepFileSchema);
      if (step === null) throw new Error(`${key} is missing`);
      await scene.store.write(key, JSON.stringify({ ...step, identity: { ...step.identity, injection } }));
    }
    await writeNote(scene.store, 'source', { node: 2, scores: { public: 0.5 } });
  });

  afterEach(() => scene.close());

  it('bring back hints, prunings and scripts, those that are no node yet among them', async () => {
    const { recovered } = await scene.open({ task: 'diamonds', steps: 9 }, { runId: 'source' });
    expect(recovered).toMatchObject({
      hints: {
        last: 4,
        inForce: [
          { number: 2, node: 2 },
          { number: 3, node: 4 },
          { number: 4, node: null },
        ],
      },
      injections: { last: 3, begun: [{ node: 4, number: 2 }], waiting: [{ number: 3, parent: 1 }] },
      pruned: [2],
      tree: { operators: 'ddjj', outcomes: 'www.' },
    });
  });

  it('go along to a fork as far as they are about its nodes', async () => {
    const fork = { run: 'source', node: 3 };
    const { recovered } = await scene.open({ task: 'diamonds', steps: 3, fork });
    expect(recovered).toMatchObject({
      hints: {
        last: 4,
        inForce: [
          { number: 2, node: 2 },
          { number: 4, node: null },
        ],
      },
      injections: { last: 1, begun: [], waiting: [] },
      pruned: [2],
    });
    expect(await readlink(path.join(scene.root, 'run', 'best'))).toBe(path.join('bests', '1'));
    expect(await readJson(scene.store, runKeys('run').node(2).notes, notesFileSchema)).toMatchObject({
      scores: { public: 0.5 },
    });
  });

  it('link to the best that is left after a pruning, or to none', async () => {
    const saveState = createSaveState({ store: scene.store, serverDownMs: async () => 0 });
    const save = (best: number | null, relink = true) =>
      saveState({ runId: 'source', pause: null, relink, snapshot: snapshotWith(best) });
    const link = () => readlink(path.join(scene.root, 'source', 'best')).catch(() => null);
    await save(3);
    expect(await link()).toBe(path.join('bests', '3'));
    await save(1, false);
    expect(await link()).toBe(path.join('bests', '3'));
    await save(1);
    expect(await link()).toBe(path.join('bests', '1'));
    expect((await scene.store.read('source/best/solution.py'))?.toString()).toBe("print('node 1')\n");
    await save(null);
    expect([await link(), await scene.store.list('source/bests')]).toEqual([null, []]);
    expect(await scene.store.exists(runKeys('source').node(3).solution)).toBe(true);
  });

  it('hold what was noted: scores by name, the newest word, and none that were taken away', async () => {
    await writeNote(scene.store, 'source', { node: 2, scores: { private: 0.25 }, text: 'sent' });
    const notes = await writeNote(scene.store, 'source', { node: 2, scores: { public: null } });
    expect(notes).toMatchObject({ scores: { private: 0.25 }, text: 'sent' });
  });
});

function snapshotWith(best: number | null): SaveStateInput['snapshot'] {
  return {
    stepsTotal: 9,
    extendedSteps: 0,
    extendedMs: 0,
    extendedTokens: 0,
    extendedCostUsd: 0,
    extendedDiskBytes: 0,
    working: 3,
    failed: 0,
    inFlight: 1,
    best: best === null ? null : { id: best, metric: 1 },
    selection: null,
    usage: NO_USAGE,
    elapsedMs: 0,
    pruned: [],
    wentOnAfter: 0,
  };
}
