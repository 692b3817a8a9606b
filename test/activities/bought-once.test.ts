import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_USAGE } from '../../src/domain/usage';
import { attemptFileSchema } from '../../src/llm/call-files';
import { createDirectoryStore } from '../../src/store/directory-store';
import { failingStore, type Change, type Interruption } from '../helpers/failing-store';
import { fakeModel, modelAnswer } from '../helpers/fake-model';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import { writeRun } from '../helpers/run-fixture';
import { draftOf, RUN, stepsOn, writeModelRun, type Steps } from './model-step-fixture';

const SCRIPT = 'A plan.\n```python\nimport os\n```';
const VERDICT = '{"is_bug": false, "idea": "A forest.", "change": "More trees.", "lesson": "More trees help."}';

interface Case {
  readonly name: string;
  readonly answers: readonly string[];
  readonly step: (steps: Steps) => Promise<{ readonly usage: { readonly calls: number } }>;
}

const CASES: readonly Case[] = [
  {
    name: 'a proposal that needs three answers',
    answers: ['No.', 'Still no.', SCRIPT],
    step: (steps) => steps.propose(draftOf(3)),
  },
  { name: 'a proposal that fails', answers: ['No.', 'No.', 'No.'], step: (steps) => steps.propose(draftOf(3)) },
  {
    name: 'a proposal in place of another one',
    answers: ['No.', SCRIPT],
    step: (steps) => steps.propose({ ...draftOf(2), operator: 'improve', parent: 1 }),
  },
  { name: 'a review that needs two answers', answers: ['Fine.', VERDICT], step: (steps) => steps.review(4) },
  { name: 'a digest', answers: ['', 'Forests work.'], step: (steps) => steps.digest({}) },
  { name: "the report's story", answers: ['It went well.'], step: (steps) => steps.summarize({}) },
];

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-bought-once-'));
});

afterEach(() => rm(root, { recursive: true }));

/** Runs the step until it succeeds, interrupted once at most, in a run of its own. */
async function runInterrupted({ answers, step }: Case, at: Interruption | null, directory: string) {
  const store = createDirectoryStore(path.join(root, directory));
  const nodes = [
    { id: 1, metric: 0.5 },
    { id: 2, metric: 0.25 },
    { id: 4, stage: 'reviewing' as const },
  ];
  await writeModelRun(store, nodes, [resolvedModel()]);
  const model = fakeModel(({ request }) => modelAnswer(answers[request.ask - 1] ?? 'one too many'));
  const failing = failingStore(store, at);
  const createModel = () => model;
  if (at !== null)
    await expect(step(stepsOn(failing, { createModel }))).rejects.toMatchObject({ type: 'StoreUnavailable' });
  const steps = stepsOn(at === null ? failing : store, { createModel });
  const result = await step(steps);
  const asked = model.asked();
  expect(await step(steps)).toEqual(result);
  expect(model.asked()).toEqual(asked);
  return { result, asked, changes: failing.changes };
}

/** Whether the change is what a sending that got its answer leaves behind before the answer itself. */
function endsAttempt({ operation, key, text }: Change): boolean {
  if (operation !== 'write' || !/\/attempt-\d+\.json$/.test(key)) return false;
  return attemptFileSchema.parse(JSON.parse(text)).endedAt !== null;
}

test.each(CASES)('$name: whatever interrupts it, no stored answer is bought again', async (testCase) => {
  const whole = await runInterrupted(testCase, null, 'whole');
  expect(whole.asked).toHaveLength(testCase.answers.length);
  expect(whole.result.usage.calls).toBe(testCase.answers.length);
  expect(whole.changes.length).toBeGreaterThan(testCase.answers.length * 4);

  for (const [index, change] of whole.changes.entries()) {
    for (const when of ['before', 'after'] as const) {
      const at = { change: index + 1, when };
      const { result, asked } = await runInterrupted(testCase, at, `${index}-${when}`);
      // Only an answer that was on its way into the store is bought once more, and what it used is known
      // unless not even that could be written.
      const isUsageLost = endsAttempt(change) && when === 'before';
      const isAnswerLost = endsAttempt(change) || (change.key.endsWith('/response.json') && when === 'before');
      const bought = testCase.answers.length + (isAnswerLost ? 1 : 0);
      expect({ at, key: change.key, bought: asked.length }).toEqual({ at, key: change.key, bought });
      expect({ at, calls: result.usage.calls }).toEqual({ at, calls: bought - (isUsageLost ? 1 : 0) });
    }
  }
});

test('a replay gives proposal and review of its source, and asks nobody', async () => {
  const store = createDirectoryStore(root);
  const code = 'print("as before")\n';
  await writeRun(store, { runId: 'source', nodes: [{ id: 1, metric: 0.5, code, summary: 'As before.' }] });
  await writeRun(store, { runId: RUN, spec: { replay: 'source' }, run: { models: resolvedModels(resolvedModel()) } });
  const model = fakeModel(() => modelAnswer(SCRIPT));
  const steps = stepsOn(store, { createModel: () => model });
  expect(await steps.propose(draftOf(1))).toEqual({ status: 'proposed', usage: NO_USAGE });
  expect(await steps.readText(steps.keys.node(1).solution)).toBe(code);

  const executed = await steps.readText('source/nodes/1/execution.json');
  await store.write(steps.keys.node(1).execution, executed);
  expect(await steps.review(1)).toEqual({ verdict: 'sound', usage: NO_USAGE });
  expect(await steps.readObject(steps.keys.node(1).review)).toMatchObject({ summary: 'As before.' });
  expect(model.calls).toHaveLength(0);
});
