import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../domain/failure-type';
import type { ResolvedModel } from '../domain/resolved-model';
import type { MoneyLeft } from '../domain/steps';
import { totalTokens, type Usage } from '../domain/usage';
import { usageOfCalls } from '../llm/call-attempts';
import type { ModelAnswer, ModelRequest } from '../llm/model';
import { MOST_SHRUNK } from '../llm/prompts/prompt-budget';
import { readEarlierCall, sendPrompt, storePrompt, storeRefusal, type EarlierCall } from '../llm/stored-call';
import type { ArtifactStore } from '../store/artifact-store';
import type { CallKeys } from '../store/run-keys';
import type { ModelStepDependencies } from './model-step';
import { NextPrompt, type PromptSource } from './next-prompt';

/** Answers that a step takes before it gives up: the first and two more when one cannot be used. */
export const MOST_ANSWERS = 3;

/** Soon enough not to be felt: the rate of the task queue is what makes the next attempt wait. */
const ASK_AGAIN_DELAY_MS = 100;

/** What a step wants of a model. */
export interface Question<Value> extends PromptSource {
  /** Keys of the step's asks, counted from 1. */
  readonly keys: (ask: number) => CallKeys;
  readonly moneyLeft: MoneyLeft;
  readonly read: (answer: ModelAnswer) => Reading<Value>;
  readonly signal: AbortSignal;
}

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `problem` is a sentence for the model, completing "Your answer cannot be used: …". */
  | { readonly ok: false; readonly problem: string };

/** What came of it; `usage` is that of all the step's calls, earlier attempts' included, each counted once. */
export type Asked<Value> =
  | { readonly status: 'usable'; readonly value: Value; readonly usage: Usage }
  | { readonly status: 'refused'; readonly words: string; readonly usage: Usage }
  /** `problem`: of the last answer. */
  | { readonly status: 'unusable'; readonly problem: string; readonly usage: Usage }
  /** The run's caps left nothing for a further answer. */
  | { readonly status: 'unaffordable'; readonly problem: string | null; readonly usage: Usage };

/**
 * Asks until an answer can be used, within bounds. Every prompt and answer is stored as it comes, so that doing it again
 * goes through the stored ones without a call and buys only what is still missing.
 *
 * @throws ApplicationFailure `AskAgain` when the next request has to be an attempt of its own (see `isRateLimited`),
 * `ModelRequestRejected` when not even the smallest prompt fits the context, else what the model's client throws;
 * CancelledFailure of the model; StoreError of the store
 */
export async function askUntilUsable<Value>(
  dependencies: ModelStepDependencies,
  question: Question<Value>,
): Promise<Asked<Value>> {
  const { store, isRateLimited } = dependencies;
  const { keys, target, moneyLeft } = question;
  const prompts = new NextPrompt(question);
  let problem: string | null = null;
  let answers = 0;
  let hasSent = false;
  for (let ask = 1; ; ask += 1) {
    const usageSoFar = (): Promise<Usage> => usageOfAsks(store, keys, ask);
    const earlier = await readEarlierCall(store, keys(ask));
    if (earlier.status === 'open') {
      const usage = await usageSoFar();
      if (!isAffordable(usage, moneyLeft)) return { status: 'unaffordable', problem, usage };
      if (hasSent && isRateLimited(target.endpoint)) throw askAgain(target, problem);
      hasSent = true;
    }
    const call = earlier.status === 'open' ? await send(dependencies, question, ask, earlier, prompts) : earlier;
    if (call.status === 'too_long') {
      prompts.tooLong(call.request);
      continue;
    }
    const { request, answer } = call;
    if (answer.refusal !== null) return { status: 'refused', words: answer.refusal, usage: await usageSoFar() };
    const reading = question.read(answer);
    if (reading.ok) return { status: 'usable', value: reading.value, usage: await usageSoFar() };
    answers += 1;
    problem = reading.problem;
    if (answers === MOST_ANSWERS) return { status: 'unusable', problem, usage: await usageSoFar() };
    prompts.unusable(request, answer, problem);
  }
}

function usageOfAsks(store: ArtifactStore, keys: Question<unknown>['keys'], asks: number): Promise<Usage> {
  const calls = Array.from({ length: asks }, (_, index) => keys(index + 1));
  return usageOfCalls(store, calls);
}

type OpenCall = Extract<EarlierCall, { status: 'open' }>;

/** Sends the stored prompt, or stores one and sends it. */
async function send(
  { store, createModel }: ModelStepDependencies,
  { keys, target, signal }: Question<unknown>,
  ask: number,
  earlier: OpenCall,
  prompts: NextPrompt,
): Promise<Exclude<EarlierCall, OpenCall>> {
  const call = keys(ask);
  const request = earlier.request ?? { ...(await prompts.make()), ask };
  if (earlier.request === null) await storePrompt(store, call, request);
  try {
    const model = createModel(target.endpoint);
    const answer = await sendPrompt({ store, keys: call, model, target, signal }, request);
    return { status: 'answered', request, answer };
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.type !== FailureType.ContextTooLong) throw error;
    // Nothing is stored of the last one: another model, or the same with a larger context, may yet take that prompt.
    if (request.shrunk >= MOST_SHRUNK) throw stillTooLong(error, request, target);
    return { status: 'too_long', request, refusal: await storeRefusal(store, call, error.message) };
  }
}

function isAffordable(used: Usage, left: MoneyLeft): boolean {
  const tokens = left.tokens === null || totalTokens(used) < left.tokens;
  const cost = left.costUsd === null || (used.costUsd !== null && used.costUsd < left.costUsd);
  return tokens && cost;
}

function askAgain({ endpoint }: ResolvedModel, problem: string | null): ApplicationFailure {
  const why = problem === null ? 'the prompt has to be made smaller' : `the answer cannot be used (${problem})`;
  return ApplicationFailure.create({
    message: `${why}; the next request to ${endpoint} is a new attempt, so that the limit on requests counts it`,
    type: FailureType.AskAgain,
    nonRetryable: false,
    nextRetryDelay: ASK_AGAIN_DELAY_MS,
  });
}

function stillTooLong(
  error: ApplicationFailure,
  { estimatedTokens }: ModelRequest,
  { name, endpoint }: ResolvedModel,
): ApplicationFailure {
  return ApplicationFailure.create({
    message:
      `a prompt of about ${estimatedTokens} tokens does not fit the context of model "${name}" at ${endpoint}, ` +
      `although it was made smaller ${MOST_SHRUNK} times (${error.message}); ` +
      'give the server a larger context or the run another model, then resume it',
    type: FailureType.ModelRequestRejected,
    nonRetryable: true,
    details: error.details ?? [],
    cause: error,
  });
}
