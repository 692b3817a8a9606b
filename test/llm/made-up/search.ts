import path from 'node:path';
import type { NodeRecord } from '../../../src/domain/node-record';
import { FILE_FORMAT } from '../../../src/domain/file-format';
import type { FailureReason } from '../../../src/domain/failure-reason';
import type { RunFile, StateFile } from '../../../src/domain/run-files';
import { runSpecSchema, type RunSpecInput } from '../../../src/domain/run-spec';
import type { DigestInput, ProposeInput } from '../../../src/domain/steps';
import { modelOperatorSchema } from '../../../src/domain/operator';
import type { TreeNode } from '../../../src/domain/tree-columns';
import { NO_USAGE } from '../../../src/domain/usage';
import { composeDigest } from '../../../src/llm/compose-digest';
import { composeProposal } from '../../../src/llm/compose-proposal';
import { composeReview } from '../../../src/llm/compose-review';
import type { ModelRequest } from '../../../src/llm/model';
import { parseVerdict } from '../../../src/llm/verdict';
import { DigestPlan, NO_DIGESTS } from '../../../src/policy/digest-plan';
import { decideGreedily } from '../../../src/policy/greedy';
import { promptContext } from '../../../src/policy/prompt-context';
import { randomStream, type RandomStream } from '../../../src/policy/random-stream';
import { SearchTree } from '../../../src/policy/search-tree';
import type { ArtifactStore } from '../../../src/store/artifact-store';
import { contentHash } from '../../../src/store/content-hash';
import { writeJson } from '../../../src/store/json-file';
import { runKeys } from '../../../src/store/run-keys';
import { loadTask } from '../../../src/task/load-task';
import { previewData } from '../../../src/task/preview';
import { createMemoryStore } from '../../helpers/memory-store';
import { resolvedModel, resolvedModels } from '../../helpers/resolved-models';

const RUN = 'run';
const EXAMPLES = path.join(__dirname, '..', '..', '..', 'examples');
const NO_MONEY_LIMIT = { tokens: null, costUsd: null };
const START = '2026-01-02T03:04:05.000Z';

/** The packages of the pinned environment. */
const PACKAGES = {
  cloudpickle: '3.1.2',
  joblib: '1.6.0',
  narwhals: '2.29.0',
  numpy: '2.5.5',
  pandas: '3.1.1',
  'python-dateutil': '4.0.0',
  'scikit-learn': '1.9.1',
  scipy: '1.18.1',
  six: '1.17.0',
  threadpoolctl: '3.8.0',
  tzdata: '2026.6',
};

/** What a made-up model writes for a node, and what becomes of it. */
export interface MadeUpNode {
  readonly plan: string;
  readonly code: string;
  readonly output: string;
  /** Its score, or why it has none. */
  readonly outcome: { readonly metric: number } | { readonly reason: FailureReason; readonly message: string };
  /** The reviewer's answer. */
  readonly review: string;
}

export interface MadeUpModel {
  /** Answers the request for a node; draws come from the stream of that node. */
  write(request: ModelRequest, node: TreeNode, parent: ParentScript | null, random: RandomStream): MadeUpNode;
  /** Answers the request for a digest. */
  digest(request: ModelRequest): string;
}

export interface ParentScript {
  readonly code: string;
  readonly metric: number | null;
}

/** One step of a search with the requests that were composed for it. */
export interface MadeUpStep {
  readonly node: TreeNode;
  /** Working nodes before it. */
  readonly workingBefore: number;
  readonly proposal: ModelRequest;
  readonly review: ModelRequest;
  /** The digest that was due after it. */
  readonly digest: ModelRequest | null;
}

/**
 * A search on the example task `diamonds` without server, scripts and model: the policy decides, prompts are composed
 * by coppice from the files of the run, and a made-up model answers them.
 */
export async function* madeUpSearch(model: MadeUpModel, spec: Partial<RunSpecInput>): AsyncGenerator<MadeUpStep> {
  const store = createMemoryStore();
  const run = await beginRun(store, spec);
  const tree = new SearchTree(run.task.direction);
  const digests = new DigestPlan(run.request.memory.digestEvery, NO_DIGESTS);
  const scripts = new Map<number, ParentScript>();
  for (let done = 0; done < run.request.steps; done += 1) {
    const random = randomStream(run.seed, done + 1);
    const node = dispatch(tree, random, run);
    const workingBefore = tree.counts().working;
    const proposal = await composeProposal(store, run, proposeInput(run, tree, node, digests, done), 0);
    const parent = node.parent === null ? null : (scripts.get(node.parent) ?? null);
    const made = model.write(proposal, node, parent, random);
    const review = await storeNode(store, run, node, made, done + 1);
    complete(tree, node, made);
    scripts.set(node.id, { code: made.code, metric: 'metric' in made.outcome ? made.outcome.metric : null });
    await writeState(store, run, tree);
    digests.record(node.id);
    const digest = await renewDigest(store, run, digests, model, done + 1);
    yield { node, workingBefore, proposal, review, digest };
  }
}

async function beginRun(store: ArtifactStore, spec: Partial<RunSpecInput>): Promise<RunFile> {
  const place = path.join(EXAMPLES, 'diamonds');
  const loaded = await loadTask({ task: place }, EXAMPLES);
  if (!loaded.ok) throw new Error(loaded.message);
  const { task } = loaded;
  const request = runSpecSchema.parse({ task: place, ...spec });
  const run: RunFile = {
    format: FILE_FORMAT,
    runId: RUN,
    request,
    seed: request.seed ?? 1,
    parallel: 1,
    task,
    models: resolvedModels(resolvedModel({ name: 'made-up' })),
    versions: { coppice: '0', node: '20', python: '3.12.1', packages: PACKAGES },
    machine: { cores: 4, memoryBytes: 16e9 },
    createdAt: START,
  };
  const keys = runKeys(RUN);
  const tables = [task.train, task.test, task.sample].filter((table) => table !== null);
  const columns = [task.target, task.id].filter((column) => column !== null);
  const focus = { tables, columns };
  await writeJson(store, keys.run, run);
  await writeJson(store, keys.evaluation, { kind: 'holdout', why: 'as in a run of it', split: null });
  await writeJson(store, keys.preview, await previewData(task.dataDirectory, focus));
  return run;
}

function dispatch(tree: SearchTree, random: RandomStream, run: RunFile): TreeNode {
  const { operator, parent } = decideGreedily(tree, random, run.request.policy);
  const id = tree.nextId();
  tree.dispatch(id, operator, parent);
  return tree.node(id);
}

function proposeInput(run: RunFile, tree: SearchTree, node: TreeNode, digests: DigestPlan, done: number): ProposeInput {
  return {
    runId: RUN,
    nodeId: node.id,
    operator: modelOperatorSchema.parse(node.operator),
    parent: node.parent,
    context: promptContext(tree, node, digests.since),
    model: 0,
    digest: digests.last,
    hints: [],
    siblingsSoFar: tree.childCount(node.parent) - 1,
    moneyLeft: NO_MONEY_LIMIT,
    decidedAfter: done,
    stepsDone: done,
    stepsTotal: run.request.steps,
    secondsLeft: 40_000 - 60 * done,
  };
}

async function storeNode(
  store: ArtifactStore,
  run: RunFile,
  node: TreeNode,
  made: MadeUpNode,
  completion: number,
): Promise<ModelRequest> {
  const { id, operator, parent } = node;
  const keys = runKeys(RUN).node(id);
  const { outcome } = made;
  const failed = 'reason' in outcome;
  const facts = {
    status: failed ? ('failed' as const) : ('ok' as const),
    reason: failed ? outcome.reason : null,
    message: failed ? outcome.message : '',
    metric: failed ? null : outcome.metric,
  };
  await store.write(keys.plan, made.plan);
  await store.write(keys.solution, made.code);
  await store.write(keys.output, made.output);
  const identity = { operator, parent, parentCodeHash: null, hints: [] };
  const execution = {
    ...facts,
    codeHash: contentHash(made.code),
    attempt: 1,
    exitCode: failed ? 1 : 0,
    signal: null,
    scriptSeconds: 20,
    outputBytes: made.output.length,
    peakMemoryBytes: null,
    isolation: null,
    hostId: 'nowhere',
    submissionHash: null,
    startedAt: START,
    finishedAt: START,
  };
  const reviewed = { identity, code: made.code, execution, outcome: facts };
  const input = { runId: RUN, nodeId: id, model: 0, moneyLeft: NO_MONEY_LIMIT };
  const request = await composeReview(store, run, input, reviewed, 0);
  const verdict = parseVerdict(made.review);
  if (!verdict.ok) throw new Error(verdict.problem);
  const record: NodeRecord = {
    format: FILE_FORMAT,
    id,
    parent,
    operator,
    status: failed ? 'failed' : 'working',
    reason: facts.reason,
    metric: facts.metric,
    title: made.plan.split('\n', 1)[0] ?? '',
    summary: verdict.summary,
    lesson: verdict.lesson === null ? null : { ...verdict.lesson, result: '' },
    message: facts.message,
    codeHash: execution.codeHash,
    parentCodeHash: null,
    decidedAfter: completion - 1,
    completion,
    startedAt: START,
    recordedAt: START,
    scriptSeconds: 20,
    usage: NO_USAGE,
    reviewUsage: NO_USAGE,
    elapsedSeconds: completion,
    reportedMetric: null,
    standardError: null,
    isolation: null,
    marks: [],
  };
  await writeJson(store, keys.record, record);
  return request;
}

function complete(tree: SearchTree, { id }: TreeNode, { outcome }: MadeUpNode): void {
  if ('metric' in outcome) tree.complete(id, { status: 'working', metric: outcome.metric });
  else tree.complete(id, { status: 'failed', reason: outcome.reason });
}

async function writeState(store: ArtifactStore, run: RunFile, tree: SearchTree): Promise<void> {
  const { best } = tree;
  const state: StateFile = {
    format: FILE_FORMAT,
    state: 'running',
    pause: null,
    stopReason: null,
    wentOnAfter: 0,
    pruned: [],
    stepsTotal: run.request.steps,
    extendedSteps: 0,
    extendedSeconds: 0,
    extendedTokens: 0,
    extendedCostUsd: 0,
    extendedDiskBytes: 0,
    nodes: tree.counts(),
    best: best === null ? null : { id: best.id, metric: best.metric },
    selection: null,
    usage: NO_USAGE,
    elapsedSeconds: 0,
    updatedAt: START,
  };
  await writeJson(store, runKeys(RUN).state, state);
}

async function renewDigest(
  store: ArtifactStore,
  run: RunFile,
  digests: DigestPlan,
  model: MadeUpModel,
  completions: number,
): Promise<ModelRequest | null> {
  const due = digests.due(completions);
  if (due === null) return null;
  const input: DigestInput = { runId: RUN, ...due, model: 0, moneyLeft: NO_MONEY_LIMIT };
  const request = await composeDigest(store, run, input, 0);
  await store.write(runKeys(RUN).digest(due.upTo).text, model.digest(request));
  digests.written(due);
  return request;
}
