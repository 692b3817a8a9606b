import { gradeFileSchema } from '../domain/evaluation';
import { executionFileSchema, reviewFileSchema, stepFileSchema, type ReviewFile } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { ReviewInput, ReviewResult } from '../domain/steps';
import { composeReview, type Reviewed } from '../llm/compose-review';
import type { ModelAnswer } from '../llm/model';
import { loadRun, modelAt } from '../llm/run-material';
import { parseVerdict, type ParsedVerdict } from '../llm/verdict';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { freeSupersededKey } from '../store/supersede';
import { askUntilUsable, type Asked, type Reading } from './ask-until-usable';
import { modelStep, type ModelStepDependencies } from './model-step';
import { factsSummary, lessonResult } from './node-facts';
import { replayReview } from './replay-node';

const EXPECTED = 'Answer again with that object alone: no other text, no fence.';

/**
 * `review`: asks a model whether a script's score can be trusted and what was learnt. It never sets a score, and when
 * no usable answer comes the node stays as it is, unreviewed. Doing it again reuses what an earlier attempt stored.
 */
export function createReview(dependencies: ModelStepDependencies): (input: ReviewInput) => Promise<ReviewResult> {
  return modelStep((input, signal) => review(dependencies, input, signal));
}

async function review(
  dependencies: ModelStepDependencies,
  input: ReviewInput,
  signal: AbortSignal,
): Promise<ReviewResult> {
  const { store } = dependencies;
  const { runId, nodeId } = input;
  const keys = runKeys(runId).node(nodeId);
  const reviewed = await loadReviewed(store, input);
  const codeHash = contentHash(reviewed.code);
  const finished = await readJson(store, keys.review, reviewFileSchema);
  if (finished?.codeHash === codeHash) return { verdict: finished.verdict, usage: finished.usage };
  if (finished !== null) await supersedeReview(store, input);
  const run = await loadRun(store, runId);
  const isReplay = run.request.replay !== undefined;
  const outcome: ReviewFile = isReplay
    ? await replayReview(store, run, input)
    : { codeHash, ...(await askForVerdict(dependencies, run, input, reviewed, signal)) };
  await writeJson(store, keys.review, outcome);
  return { verdict: outcome.verdict, usage: outcome.usage };
}

async function loadReviewed(store: ArtifactStore, { runId, nodeId }: ReviewInput): Promise<Reviewed> {
  const keys = runKeys(runId).node(nodeId);
  const step = await readJson(store, keys.step, stepFileSchema);
  const execution = await readJson(store, keys.execution, executionFileSchema);
  const code = await store.read(keys.solution);
  if (step === null || execution === null || code === null) {
    const missing = step === null ? keys.step : execution === null ? keys.execution : keys.solution;
    throw new StoreError(`${missing} is missing: node ${nodeId} cannot be reviewed`);
  }
  const grade = execution.status === 'ok' ? await readJson(store, keys.grade, gradeFileSchema) : null;
  return { identity: step.identity, execution, outcome: grade ?? execution, code: code.toString('utf8') };
}

/** Moves the review of another script away, with the calls it was made of. */
async function supersedeReview(store: ArtifactStore, { runId, nodeId }: ReviewInput): Promise<void> {
  const keys = runKeys(runId).node(nodeId);
  const target = await freeSupersededKey(store, runId, `${nodeId}-review`);
  const calls = (await store.list(keys.calls)).filter((name) => name.startsWith('review-'));
  for (const name of calls) await store.move(`${keys.calls}/${name}`, `${target}/calls/${name}`);
  await store.move(keys.review, `${target}/review.json`);
}

type Verdict = Extract<ParsedVerdict, { ok: true }>;

async function askForVerdict(
  dependencies: ModelStepDependencies,
  run: RunFile,
  input: ReviewInput,
  reviewed: Reviewed,
  signal: AbortSignal,
): Promise<Omit<ReviewFile, 'codeHash'>> {
  const { store } = dependencies;
  const keys = runKeys(input.runId).node(input.nodeId);
  const asked = await askUntilUsable(dependencies, {
    keys: (ask) => keys.call('review', ask),
    target: modelAt(run, 'review', input.model),
    moneyLeft: input.moneyLeft,
    compose: (shrunk) => composeReview(store, run, input, reviewed, shrunk),
    read: readVerdict,
    expected: EXPECTED,
    signal,
  });
  const { usage } = asked;
  if (asked.status !== 'usable') {
    const summary = factsSummary(run.task, reviewed.outcome, WHY_UNREVIEWED[asked.status]);
    return { verdict: 'unreviewed', summary, lesson: null, usage };
  }
  const { isBug, summary, lesson } = asked.value;
  const verdict = isBug ? 'bug' : 'sound';
  if (lesson === null) return { verdict, summary, lesson, usage };
  const result = await lessonResult(store, run, input.nodeId, { ...reviewed, isBug });
  return { verdict, summary, lesson: { ...lesson, result }, usage };
}

const WHY_UNREVIEWED: Readonly<Record<Exclude<Asked<Verdict>['status'], 'usable'>, string>> = {
  unusable: 'no usable answer came',
  refused: 'the reviewer refused',
  unaffordable: "the run's cap was reached",
};

function readVerdict({ text }: ModelAnswer): Reading<Verdict> {
  const verdict = parseVerdict(text);
  return verdict.ok ? { ok: true, value: verdict } : verdict;
}
