import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPropose } from '../../src/activities/propose';
import { createReview } from '../../src/activities/review';
import type { Preview } from '../../src/domain/preview';
import type { ProposeInput, ProposeResult, ReviewResult } from '../../src/domain/steps';
import { OFFLINE } from '../../src/llm/endpoint';
import { createOfflineModel } from '../../src/llm/offline/offline-model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { createDirectoryStore } from '../../src/store/directory-store';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';
import { writeRun, type FixtureNode } from '../helpers/run-fixture';
import { startScriptedModel, type ScriptedModel, type ScriptedModelSettings } from '../scripted-model/scripted-model';

export const RUN = 'run-1';

function table(path: string, columns: readonly string[]): Preview['tables'][number] {
  const facts = { missing: 0, distinct: 90, minimum: 0, maximum: 9, mean: 4, examples: [] };
  return {
    path,
    delimiter: ',',
    rows: 100,
    rowsExact: true,
    columns: columns.map((name) => ({ name, type: name === 'id' ? 'integer' : 'number', ...facts })),
    columnsLeftOut: 0,
  };
}

const PREVIEW: Preview = {
  files: [{ path: 'train.csv', bytes: 1000 }],
  filesLeftOut: 0,
  tables: [
    table('train.csv', ['id', 'carat', 'price']),
    table('test.csv', ['id', 'carat']),
    table('sample_submission.csv', ['id', 'price']),
  ],
  problems: [],
};

/** A run in a directory of its own, a scripted model server, and the two steps that call models. */
export interface ModelSteps {
  readonly store: ArtifactStore;
  readonly server: ScriptedModel;
  readonly keys: ReturnType<typeof runKeys>;
  propose(input: ProposeInput): Promise<ProposeResult>;
  review(nodeId: number): Promise<ReviewResult>;
  readText(key: string): Promise<string>;
  readObject(key: string): Promise<unknown>;
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
  const roles = { draft: 'large', improve: 'large', debug: 'medium', review: 'small' };
  const models = { endpoint: new URL(server.baseUrl).host.replace(':', '-'), ...roles };
  const run = options.offline === true ? {} : { models };
  await writeRun(store, { runId: RUN, nodes: options.nodes ?? [], run });
  await writeJson(store, runKeys(RUN).preview, PREVIEW);
  const client = createOpenAiModel({ OPENAI_BASE_URL: server.baseUrl });
  const createModel = (endpoint: string) => (endpoint === OFFLINE ? createOfflineModel() : client);
  const propose = createPropose({ store, createModel });
  const review = createReview({ store, createModel });
  const readText = async (key: string) => (await store.read(key))?.toString('utf8') ?? '';
  return {
    store,
    server,
    keys: runKeys(RUN),
    propose: (input) => quietEnvironment().run(propose, input),
    review: (nodeId) => quietEnvironment().run(review, { runId: RUN, nodeId }),
    readText,
    readObject: async (key) => JSON.parse(await readText(key)) as unknown,
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
    context: { siblings: [], best: [], recent: [], failed: [], ancestors: [], ...context },
    decidedAfter: nodeId - 1,
    stepsDone: nodeId - 1,
    stepsTotal: 20,
    secondsLeft: null,
  };
}
