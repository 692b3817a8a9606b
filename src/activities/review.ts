import { gradeFileSchema } from '../domain/evaluation';
import { executionFileSchema, reviewFileSchema, stepFileSchema, type ReviewFile } from '../domain/node-record';
import type { RunFile } from '../domain/run-files';
import type { ReviewInput, ReviewResult } from '../domain/steps';
import { NO_USAGE, addUsage, type Usage } from '../domain/usage';
import { composeReview, type Reviewed } from '../llm/compose-review';
import type { ModelClient, ModelRequest } from '../llm/model';
import { reaskPrompt } from '../llm/prompts/reask';
import { REASON_WORDS, scoreText } from '../llm/prompts/wording';
import { loadRun } from '../llm/run-material';
import { storedCall, usageOf } from '../llm/stored-call';
import { parseVerdict } from '../llm/verdict';
import type { ArtifactStore } from '../store/artifact-store';
import { contentHash } from '../store/content-hash';
import { readJson, writeJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { StoreError } from '../store/store-error';
import { freeSupersededKey } from '../store/supersede';
import { modelStep, type ModelStepDependencies } from './model-step';

/** Asks for one review: the first and two more when the answer cannot be used. */
const MOST_ASKS = 3;

const EXPECTED = 'Answer again with that object alone: no other text, no fence.';

/**
 * `review`: asks a model whether a script's score can be trusted and what was learnt. It never sets a score, and when
 * no usable answer comes the node stays as it is, unreviewed. Doing it again reuses what an earlier attempt stored.
 */
export function createReview(dependencies: ModelStepDependencies): (input: ReviewInput) => Promise<ReviewResult> {
  return modelStep((input, signal) => review(dependencies, input, signal));
}

async function review(
  { store, createModel }: ModelStepDependencies,
  input: ReviewInput,
  signal: AbortSignal,
): Promise<ReviewResult> {
  const { runId, nodeId } = input;
  const keys = runKeys(runId).node(nodeId);
  const reviewed = await loadReviewed(store, input);
  const codeHash = contentHash(reviewed.code);
  const finished = await readJson(store, keys.review, reviewFileSchema);
  if (finished?.codeHash === codeHash) return { verdict: finished.verdict, usage: finished.usage };
  if (finished !== null) await supersedeReview(store, input);
  const run = await loadRun(store, runId);
  const outcome = await askForVerdict(store, createModel(run.models.endpoint), run, input, reviewed, signal);
  await writeJson(store, keys.review, { codeHash, ...outcome } satisfies ReviewFile);
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

async function askForVerdict(
  store: ArtifactStore,
  model: ModelClient,
  run: RunFile,
  input: ReviewInput,
  reviewed: Reviewed,
  signal: AbortSignal,
): Promise<Omit<ReviewFile, 'codeHash'>> {
  const keys = runKeys(input.runId).node(input.nodeId);
  let usage: Usage = NO_USAGE;
  let first: ModelRequest | null = null;
  let compose = (): Promise<ModelRequest> => composeReview(store, run, input, reviewed);
  for (let ask = 1; ask <= MOST_ASKS; ask += 1) {
    const { request, answer } = await storedCall({ store, keys: keys.call('review', ask), model, signal, compose });
    usage = addUsage(usage, usageOf(answer));
    const verdict = parseVerdict(answer.text);
    if (verdict.ok) return { verdict: verdict.isBug ? 'bug' : 'sound', summary: verdict.summary, usage };
    first ??= request;
    const messages = reaskPrompt(first.messages, answer.text, verdict.problem, EXPECTED);
    const next = { ...first, ask: ask + 1, messages };
    compose = () => Promise.resolve(next);
  }
  return { verdict: 'unreviewed', summary: factsOnly(reviewed, run), usage };
}

function factsOnly({ outcome }: Reviewed, run: RunFile): string {
  const { reason, message, metric } = outcome;
  if (reason !== null) return `Failed: ${REASON_WORDS[reason]}. ${message}`.trim();
  return `${run.task.metric} ${metric === null ? 'unknown' : scoreText(metric)}; not reviewed, no usable answer came.`;
}
