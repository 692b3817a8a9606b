import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createDigest } from '../../src/activities/digest';
import { createPropose } from '../../src/activities/propose';
import { createReview } from '../../src/activities/review';
import { createSummarize } from '../../src/activities/summarize';
import { PLAIN_READING, TABLES_ALONE } from '../../src/domain/preview';
import { forPurposes } from '../../src/domain/purpose';
import type { Preview } from '../../src/domain/preview';
import type {
  DigestInput,
  MoneyLeft,
  ProposeInput,
  ProposeResult,
  ReviewInput,
  ReviewResult,
  SummarizeInput,
  WriteResult,
} from '../../src/domain/steps';
import { OFFLINE, type ResolvedModel } from '../../src/domain/resolved-model';
import type { ModelClient } from '../../src/llm/model';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { resolvedModel, resolvedModels } from '../helpers/resolved-models';
import { writeRun, type FixtureNode } from '../helpers/run-fixture';
import { startScriptedModel, type ScriptedModel, type ScriptedModelSettings } from '../scripted-model/scripted-model';

export const RUN = 'run-1';

function table(path: string, columns: readonly string[]): Preview['tables'][number] {
  const facts = { missing: 0, distinct: 90, minimum: 0, maximum: 9, mean: 4, examples: [], dateFormats: [] };
  return {
    ...PLAIN_READING,
    rowsEstimated: null,
    path,
    rows: 100,
    rowsExact: true,
    columns: columns.map((name) => ({ name, type: name === 'id' ? 'integer' : 'number', ...facts })),
    columnsLeftOut: 0,
  };
}

const PREVIEW: Preview = {
  ...TABLES_ALONE,
  files: [{ path: 'train.csv', bytes: 1000 }],
  filesLeftOut: 0,
  tables: [
    table('train.csv', ['id', 'carat', 'price']),
    table('test.csv', ['id', 'carat']),
    table('sample_submission.csv', ['id', 'price']),
  ],
  problems: [],
};

export const NO_CAP: MoneyLeft = { tokens: null, costUsd: null };

/** The steps that call models, on a run in a directory of its own. */
export interface Steps {
  readonly store: ArtifactStore;
  readonly keys: ReturnType<typeof runKeys>;
  propose(input: ProposeInput): Promise<ProposeResult>;
  review(nodeId: number, others?: Partial<ReviewInput>): Promise<ReviewResult>;
  digest(input: Partial<DigestInput>): Promise<WriteResult>;
  summarize(input: Partial<SummarizeInput>): Promise<WriteResult>;
  readText(key: string): Promise<string>;
  readObject(key: string): Promise<unknown>;
}

/** The steps with a scripted model server. */
export interface ModelSteps extends Steps {
  readonly server: ScriptedModel;
  readonly client: ModelClient;
  /** Calls that got a whole answer, in order. */
  answeredCalls(): string[];
  close(): Promise<void>;
}

export async function openModelSteps(options: {
  readonly nodes?: readonly FixtureNode[];
  readonly model?: ScriptedModelSettings;
  readonly offline?: boolean;
}): Promise<ModelSteps> {
  const root = await mkdtemp(path.join(tmpdir(), 'coppice-model-steps-'));
  const store = createDirectoryStore(root);
  const server = await startScriptedModel(options.model);
  const named = (name: string): ResolvedModel => resolvedModel({ name, baseUrl: server.baseUrl });
  const models = resolvedModels(named('large'), { debug: [named('medium')], review: [named('small')] });
  const run = options.offline === true ? {} : { models };
  await writeRun(store, { runId: RUN, nodes: options.nodes ?? [], run });
  await writeJson(store, runKeys(RUN).preview, PREVIEW);
  const client = createOpenAiModel({ environment: {}, isRateLimited: () => false });
  return {
    ...stepsOn(store, { createModel: (endpoint) => (endpoint === OFFLINE ? createOfflineModel() : client) }),
    server,
    client,
    answeredCalls: () =>
      server
        .requests()
        .filter(({ status }) => status === 200)
        .map(({ call }) => call),
    close: async () => {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The steps on a store that holds a run and its preview already. */
export function stepsOn(
  store: ArtifactStore,
  model: {
    readonly createModel: (endpoint: string) => ModelClient;
    readonly isRateLimited?: (endpoint: string) => boolean;
  },
): Steps {
  const dependencies = { store, isRateLimited: () => false, ...model };
  const propose = createPropose(dependencies);
  const review = createReview(dependencies);
  const digest = createDigest(dependencies);
  const summarize = createSummarize(dependencies);
  const readText = async (key: string): Promise<string> => (await store.read(key))?.toString('utf8') ?? '';
  const first = { runId: RUN, model: 0, moneyLeft: NO_CAP };
  return {
    store,
    keys: runKeys(RUN),
    propose: (input) => quietEnvironment().run(propose, input),
    review: (nodeId, others) => quietEnvironment().run(review, { ...first, nodeId, ...others }),
    digest: (input) => quietEnvironment().run(digest, { ...first, upTo: 2, previous: null, nodes: [1, 2], ...input }),
    summarize: (input) => quietEnvironment().run(summarize, { ...first, digest: null, nodes: [1, 2], ...input }),
    readText,
    readObject: async (key) => JSON.parse(await readText(key)) as unknown,
  };
}

/** Writes a run whose models are all of the same endpoint, in the order given. */
export async function writeModelRun(
  store: ArtifactStore,
  nodes: readonly FixtureNode[],
  models: readonly ResolvedModel[],
): Promise<void> {
  const run = { models: forPurposes(() => [...models]) };
  await writeRun(store, { runId: RUN, nodes, run });
  await writeJson(store, runKeys(RUN).preview, PREVIEW);
}

/** An activity's surroundings that do not log the failures that a test asks for. */
export function quietEnvironment(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
}

/** A draft of node 1 with nothing before it. */
export function draftOf(nodeId: number, context: Partial<ProposeInput['context']> = {}): ProposeInput {
  return {
    runId: RUN,
    nodeId,
    operator: 'draft',
    parent: null,
    context: { siblings: [], best: [], recent: [], failed: [], ancestors: [], pruned: [], ...context },
    model: 0,
    digest: null,
    siblingsSoFar: 0,
    hints: [],
    moneyLeft: NO_CAP,
    decidedAfter: nodeId - 1,
    stepsDone: nodeId - 1,
    stepsTotal: 20,
    secondsLeft: null,
  };
}
