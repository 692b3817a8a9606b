import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NO_USAGE } from '../../src/domain/usage';
import { writtenFileSchema } from '../../src/domain/written-file';
import { countTokens } from '../../src/llm/count-tokens';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import { contentHash } from '../../src/store/content-hash';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import type { WrittenKeys } from '../../src/store/run-keys';
import { fakeModel, modelAnswer, type FakeModel, type Reply } from '../helpers/fake-model';
import { resolvedModel } from '../helpers/resolved-models';
import { stepsOn, writeModelRun, type Steps } from './model-step-fixture';

const LESSON = { idea: 'A forest.', change: 'More trees.', result: 'rmse 0.25', lesson: 'Trees are cheap.' };
const NODES = [
  { id: 1, metric: 0.5, code: 'one\n', lesson: LESSON },
  { id: 2, metric: 0.25, code: 'two\n' },
  { id: 3, reason: 'timeout' as const, code: 'three\n' },
];
const USED = { ...NO_USAGE, calls: 1, promptTokens: 100, completionTokens: 10 };

let root: string;
let steps: Steps;
let model: FakeModel;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coppice-written-'));
});

afterEach(() => rm(root, { recursive: true }));

async function open(reply: (nth: number) => Reply): Promise<void> {
  const store = createDirectoryStore(root);
  await writeModelRun(store, NODES, [resolvedModel()]);
  model = fakeModel((_call, nth) => reply(nth));
  steps = stepsOn(store, { createModel: () => model });
}

const textOf = async ({ text }: WrittenKeys): Promise<string> => steps.readText(text);

describe('a digest', () => {
  test('is stored with what it was made of, and not bought again', async () => {
    await open(() => modelAnswer('<think>Hm.</think>Forests work.\nNets time out.'));
    const input = { upTo: 3, nodes: [2, 1, 3] };
    expect(await steps.digest(input)).toEqual({ status: 'written', usage: USED });
    expect(await textOf(steps.keys.digest(3))).toBe('Forests work.\nNets time out.\n');
    expect(writtenFileSchema.parse(await steps.readObject(steps.keys.digest(3).record))).toEqual({
      previous: null,
      nodes: [
        { id: 2, codeHash: contentHash('two\n') },
        { id: 1, codeHash: contentHash('one\n') },
        { id: 3, codeHash: contentHash('three\n') },
      ],
      tokens: countTokens('Forests work.\nNets time out.'),
      usage: USED,
    });
    const prompt = model.calls[0]?.request;
    expect(prompt).toMatchObject({ purpose: 'digest', nodeId: 3, ask: 1 });
    expect(prompt?.messages.map(({ content }) => content).join('\n')).toContain('Trees are cheap.');

    expect(await steps.digest(input)).toEqual({ status: 'written', usage: USED });
    expect(model.calls).toHaveLength(1);
  });

  test('goes on from the one before', async () => {
    await open((nth) => modelAnswer(`Digest ${nth}.`));
    await steps.digest({ upTo: 2, nodes: [1, 2] });
    await steps.digest({ upTo: 3, previous: 2, nodes: [3] });
    const prompt = model.calls[1]?.request.messages.map(({ content }) => content).join('\n');
    expect(prompt).toContain('Digest 1.');
    const previous = { upTo: 2, hash: contentHash('Digest 1.\n') };
    expect(await steps.readObject(steps.keys.digest(3).record)).toMatchObject({ previous });
  });

  test.each<[string, () => Promise<void>, Parameters<Steps['digest']>[0]]>([
    ['other nodes', () => Promise.resolve(), { nodes: [1, 3] }],
    ['nodes in another order', () => Promise.resolve(), { nodes: [2, 1] }],
    ['another script', () => rewriteNode(2), {}],
    ['another digest before it', () => steps.store.write(steps.keys.digest(1).text, 'Otherwise.\n'), { previous: 1 }],
  ])('made of %s is moved out of the way with its calls, and written anew', async (_name, change, input) => {
    await open((nth) => modelAnswer(`Digest ${nth}.`));
    await steps.store.write(steps.keys.digest(1).text, 'First.\n');
    const before = { upTo: 2, nodes: [1, 2], previous: input.previous ?? null };
    await steps.digest(before);
    await change();
    expect(await steps.digest({ ...before, ...input })).toEqual({ status: 'written', usage: USED });
    expect(await textOf(steps.keys.digest(2))).toBe('Digest 2.\n');
    const moved = steps.keys.superseded('digest-2-1');
    expect(await steps.store.list(moved)).toEqual(['calls', 'digest.json', 'digest.md', 'step.json']);
    expect(await steps.readText(`${moved}/digest.md`)).toBe('Digest 1.\n');
  });

  test('of other nodes is not gone on with after an interruption either', async () => {
    await open((nth) => (nth === 1 ? new Error('the connection is lost') : modelAnswer('Digest.')));
    await expect(steps.digest({ upTo: 2, nodes: [1, 2] })).rejects.toThrow('the connection is lost');
    await steps.digest({ upTo: 2, nodes: [1, 3] });
    const [first, second] = model.calls.map(({ request }) => request.messages);
    expect(second).not.toEqual(first);
  });

  test('that is too long is cut at a line', async () => {
    const line = 'Boosted trees beat forests by a little whenever the columns are many.';
    await open(() => modelAnswer(Array<string>(80).fill(line).join('\n')));
    await steps.digest({});
    const text = await textOf(steps.keys.digest(2));
    expect(countTokens(text)).toBeLessThanOrEqual(450);
    expect(countTokens(text)).toBeGreaterThan(400);
    expect(new Set(text.trimEnd().split('\n'))).toEqual(new Set([line]));
  });

  test('without a line that fits is cut within it', async () => {
    await open(() => modelAnswer('Boosted trees beat forests. '.repeat(200)));
    await steps.digest({});
    const tokens = countTokens(await textOf(steps.keys.digest(2)));
    expect(tokens).toBeGreaterThan(400);
    expect(tokens).toBeLessThanOrEqual(451);
  });

  test.each<[string, (nth: number) => Reply, number]>([
    ['no usable answer came', () => modelAnswer('<think>only thoughts</think>'), 3],
    ['the model refused', () => modelAnswer('', {}, { refusal: 'no' }), 1],
  ])('is left out when %s, which is not asked again', async (_name, reply, calls) => {
    await open(reply);
    const result = await steps.digest({});
    expect(result).toMatchObject({ status: 'none', usage: { calls } });
    expect(await steps.digest({})).toEqual(result);
    expect(model.calls).toHaveLength(calls);
    expect(await steps.store.exists(steps.keys.digest(2).record)).toBe(false);
  });

  test('is left out when there is no money for it', async () => {
    await open(() => modelAnswer('Too dear.'));
    const moneyLeft = { tokens: 0, costUsd: null };
    expect(await steps.digest({ moneyLeft })).toEqual({ status: 'none', usage: NO_USAGE });
    expect(model.calls).toHaveLength(0);
  });

  test('is nothing that the offline model writes', async () => {
    await open(() => modelAnswer('never'));
    const offline = stepsOn(steps.store, { createModel: () => createOfflineModel() });
    await expect(offline.digest({})).rejects.toMatchObject({ type: 'ModelRequestRejected' });
  });
});

describe("the report's story", () => {
  test('is stored once, and told anew after the search went on', async () => {
    await open((nth) => modelAnswer(`\`\`\`markdown\nStory ${nth}.\n\`\`\``));
    const input = { nodes: [2, 1] };
    expect(await steps.summarize(input)).toEqual({ status: 'written', usage: USED });
    await steps.summarize(input);
    expect(model.asked()).toEqual(['report/1']);
    expect(await textOf(steps.keys.story)).toBe('Story 1.\n');
    await steps.summarize({ nodes: [3, 2, 1] });
    expect(await textOf(steps.keys.story)).toBe('Story 2.\n');
    expect(await steps.store.list(steps.keys.supersededDirectory)).toEqual(['story-1']);
  });
});

async function rewriteNode(id: number): Promise<void> {
  const { record } = steps.keys.node(id);
  const node = (await steps.readObject(record)) as object;
  await writeJson(steps.store, record, { ...node, codeHash: contentHash('rewritten') });
}
