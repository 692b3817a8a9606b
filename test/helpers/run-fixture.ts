import { PLAIN_TASK } from '../../src/domain/task';
import type { EvaluationFile } from '../../src/domain/evaluation';
import type { FailureReason } from '../../src/domain/failure-reason';
import type { Mark } from '../../src/domain/marks';
import type { Lesson, NodeRecord } from '../../src/domain/node-record';
import type { Operator } from '../../src/domain/operator';
import type { RunFile, StateFile } from '../../src/domain/run-files';
import type { RunSpecInput } from '../../src/domain/run-spec';
import { runSpecSchema } from '../../src/domain/run-spec';
import type { SelectionFile } from '../../src/domain/selection';
import { selectionOutcomeSchema } from '../../src/domain/selection';
import type { Usage } from '../../src/domain/usage';
import { offlineModels } from '../../src/llm/models/resolve-models';
import { contentHash } from '../../src/store/content-hash';
import type { ArtifactStore } from '../../src/store/artifact-store';
import { writeJson } from '../../src/store/json-file';
import { runKeys } from '../../src/store/run-keys';

const START = Date.parse('2026-01-02T03:04:05Z');
const USAGE: Usage = {
  calls: 2,
  promptTokens: 1000,
  completionTokens: 200,
  cachedTokens: 100,
  reasoningTokens: 0,
  costUsd: 0,
};
const REVIEW_USAGE: Usage = { ...USAGE, calls: 1, promptTokens: 400, completionTokens: 50, cachedTokens: 0 };

/** One node of a run that a test writes: a score, a reason for having none, or neither while it is in flight. */
export interface FixtureNode {
  readonly id: number;
  readonly operator?: Operator;
  readonly parent?: number;
  readonly metric?: number;
  readonly reason?: FailureReason;
  readonly title?: string;
  readonly plan?: string;
  readonly code?: string;
  readonly output?: string;
  readonly summary?: string;
  readonly lesson?: Lesson;
  readonly message?: string;
  readonly standardError?: number;
  /** What the script itself reported. */
  readonly reportedMetric?: number;
  readonly marks?: readonly Mark[];
  readonly isolation?: NodeRecord['isolation'];
  /** How far a node in flight has come. */
  readonly stage?: 'writing' | 'executing' | 'reviewing';
}

export interface FixtureRun {
  readonly runId: string;
  readonly spec?: Partial<RunSpecInput>;
  readonly nodes?: readonly FixtureNode[];
  readonly run?: Partial<RunFile>;
  /** Null leaves `state.json` out. */
  readonly state?: Partial<StateFile> | null;
  readonly evaluation?: EvaluationFile;
  /** Written to `state.json` as well, as at the end of a run. */
  readonly selection?: SelectionFile;
}

/** Writes the files of a run as coppice itself would leave them; diamonds by `rmse` unless told otherwise. */
export async function writeRun(store: ArtifactStore, fixture: FixtureRun): Promise<void> {
  const keys = runKeys(fixture.runId);
  await writeJson(store, keys.run, runFile(fixture));
  const nodes = fixture.nodes ?? [];
  let completion = 0;
  for (const node of nodes) {
    if (!isInFlight(node)) completion += 1;
    await writeNode(store, fixture.runId, node, completion);
  }
  if (fixture.evaluation !== undefined) await writeJson(store, keys.evaluation, fixture.evaluation);
  if (fixture.selection !== undefined) await writeJson(store, keys.selection, fixture.selection);
  if (fixture.state !== null) await writeJson(store, keys.state, stateFile(fixture, nodes));
}

function isInFlight(node: FixtureNode): boolean {
  return node.metric === undefined && node.reason === undefined;
}

function runFile({ runId, spec, run }: FixtureRun): RunFile {
  const request = runSpecSchema.parse({ task: '/tasks/diamonds', ...spec });
  return {
    format: 1,
    runId,
    request,
    seed: request.seed ?? 7,
    parallel: request.parallel ?? 1,
    task: {
      ...PLAIN_TASK,
      name: 'diamonds',
      goal: 'Predict the price of each diamond.',
      dataDirectory: '/tasks/diamonds/input',
      metric: 'rmse',
      direction: 'minimize',
      target: 'price',
      id: 'id',
      train: 'train.csv',
      test: 'test.csv',
      sample: 'sample_submission.csv',
    },
    models: offlineModels(),
    versions: { coppice: '0.1.0', node: '20.19.0', python: '3.12.1', packages: { 'scikit-learn': '1.7.0' } },
    createdAt: new Date(START).toISOString(),
    ...run,
  };
}

function stateFile({ spec, state, selection }: FixtureRun, nodes: readonly FixtureNode[]): StateFile {
  const working = nodes.filter((node) => node.metric !== undefined && node.reason === undefined);
  const best = working.reduce<StateFile['best']>((held, { id, metric }) => {
    if (metric === undefined) return held;
    return held === null || metric < held.metric ? { id, metric } : held;
  }, null);
  return {
    format: 1,
    state: 'running',
    pause: null,
    stopReason: null,
    wentOnAfter: 0,
    pruned: [],
    stepsTotal: spec?.steps ?? 20,
    extendedSteps: 0,
    extendedSeconds: 0,
    extendedTokens: 0,
    extendedCostUsd: 0,
    extendedDiskBytes: 0,
    nodes: {
      working: working.length,
      failed: nodes.filter((node) => node.reason !== undefined).length,
      inFlight: nodes.filter(isInFlight).length,
    },
    best,
    selection: selection === undefined ? null : selectionOutcomeSchema.parse(selection),
    usage: { ...USAGE, calls: nodes.length * 2 },
    elapsedSeconds: nodes.length * 5,
    updatedAt: new Date(START + nodes.length * 5000).toISOString(),
    ...state,
  };
}

async function writeNode(store: ArtifactStore, runId: string, node: FixtureNode, completion: number): Promise<void> {
  const keys = runKeys(runId).node(node.id);
  const operator = node.operator ?? (node.parent === undefined ? 'draft' : 'improve');
  const parent = node.parent ?? null;
  const parentCodeHash = parent === null ? null : contentHash(`code of ${parent}`);
  const startedAt = new Date(START + node.id * 5000).toISOString();
  const title = node.title ?? `Plan of node ${node.id}`;
  const code = node.code ?? `print('node ${node.id}')\n`;
  const decidedAfter = node.id - 1;
  await writeJson(store, keys.step, {
    format: 1,
    identity: { operator, parent, parentCodeHash, hints: [] },
    decidedAfter,
    startedAt,
  });
  if (isInFlight(node) && (node.stage ?? 'writing') === 'writing') return;
  await store.write(keys.plan, node.plan ?? `${title}\n\nIn more words.`);
  await store.write(keys.solution, code);
  await writeJson(store, keys.proposal, { status: 'proposed', codeHash: contentHash(code), usage: USAGE });
  if (isInFlight(node) && node.stage === 'executing') return;
  await store.write(keys.output, node.output ?? `output of node ${node.id}\n`);
  await writeJson(store, keys.execution, {
    codeHash: contentHash(code),
    attempt: 1,
    status: node.reason === undefined ? 'ok' : 'failed',
    reason: node.reason ?? null,
    message: node.message ?? '',
    metric: node.metric ?? null,
    exitCode: node.reason === 'exception' ? 1 : 0,
    signal: null,
    scriptSeconds: 4.125,
    outputBytes: 100,
    peakMemoryBytes: null,
    isolation: 'process',
    hostId: 'fixture',
    submissionHash: null,
    startedAt,
    finishedAt: startedAt,
  });
  if (isInFlight(node)) return;
  const summary = node.summary ?? `What node ${node.id} showed.`;
  const lesson = node.lesson ?? null;
  const review = { codeHash: contentHash(code), verdict: 'sound', summary, lesson, usage: USAGE };
  await writeJson(store, keys.review, review);
  const record: NodeRecord = {
    format: 1,
    id: node.id,
    parent,
    operator,
    status: node.reason === undefined ? 'working' : 'failed',
    reason: node.reason ?? null,
    metric: node.metric ?? null,
    title,
    summary,
    lesson,
    message: node.message ?? '',
    codeHash: contentHash(code),
    parentCodeHash,
    decidedAfter,
    completion,
    startedAt,
    recordedAt: startedAt,
    scriptSeconds: 4.125,
    usage: USAGE,
    reviewUsage: REVIEW_USAGE,
    elapsedSeconds: node.id * 5,
    reportedMetric: node.reportedMetric ?? null,
    standardError: node.standardError ?? null,
    isolation: node.isolation ?? 'process',
    marks: [...(node.marks ?? [])],
  };
  await writeJson(store, keys.record, record);
}
