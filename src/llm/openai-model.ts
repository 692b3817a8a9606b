import type { Environment } from './endpoint';
import type { ModelAnswer, ModelCall, ModelClient, ModelRequest } from './model';
import { askAgain, toModelFailure, type FailedCall } from './model-failure';
import { refusedAnswer, toAnswer } from './openai/answer';
import { blame, lacksShown, leftOutBy, mayConcernFeatures } from './openai/blame';
import { timerMilliseconds, withinCallLimits } from './openai/call-limits';
import { createConnections, type Connection } from './openai/connection';
import { isRefusedContent } from './openai/error-kinds';
import { Exchange } from './openai/exchange';
import type { Feature } from './openai/features';
import { LackMemory, type KnownFeatures, type Learnt } from './openai/lack-memory';
import { readResponse } from './openai/read-response';
import { requestBody, type RequestBody } from './openai/request-body';
import { readServerError, type ServerError } from './openai/server-error';
import { Trials, type Trial } from './openai/trials';
import { UnusableAnswer } from './openai/unusable-answer';

export interface OpenAiModelOptions {
  /** Holds the keys, and OPENAI_BASE_URL for targets without a base URL. */
  readonly environment: Environment;
  /** Where it is kept what servers cannot do. Default: only in memory. */
  readonly endpointsDirectory?: string;
  /** Whether requests to an endpoint are counted: then each attempt of a step sends no more than one. */
  readonly isRateLimited: (endpoint: string) => boolean;
}

/** One sending of a call's request. */
interface Sending {
  readonly call: ModelCall;
  readonly connection: Connection;
  readonly known: KnownFeatures;
  readonly sent: RequestBody;
  readonly exchange: Exchange;
  readonly trial: Trial | null;
}

/**
 * Models behind servers that speak OpenAI's chat completions; one client serves all targets. It never retries by
 * itself, but for what a server turns out not to take: that is left out, the call made once more, and the lack
 * remembered when the call then is answered. Prompts that want JSON say so in words as well, since a server may know no
 * other way. Answers are streamed, so that silence has a limit; a server that cannot stream, or names no usage in a
 * stream, is asked for whole answers from then on.
 *
 * @throws TypeError (from `ask`) when the base URL is not a URL
 */
export function createOpenAiModel(options: OpenAiModelOptions): ModelClient {
  const connectionTo = createConnections(options.environment);
  const memory = new LackMemory(options.endpointsDirectory ?? null);
  const trials = new Trials();
  /** Models whose last call ended with a server error that gave no reason. */
  const failing = new Set<string>();
  /** Models whose last stream told neither its end nor its usage: a fault after the headers shows nowhere else. */
  const brokenStreams = new Set<string>();

  async function prepare(call: ModelCall, trial: Trial | null): Promise<Sending> {
    const connection = connectionTo(call.target);
    const known = await memory.known(placeOf(call));
    const streamless: Feature[] = brokenStreams.delete(modelName(call)) ? ['stream'] : [];
    const lacks = new Set([...known.lacks, ...leftOutBy(trial?.blamed ?? []), ...streamless]);
    const sent = requestBody(call.request, call.target, connection.hostname, lacks);
    return { call, connection, known, sent, exchange: new Exchange(call.target.price), trial };
  }

  /** What to leave out after a refusal; throws the call's failure when that cannot help. */
  function nextTrial(error: unknown, sending: Sending): Trial {
    const { call, known, sent, trial } = sending;
    const refusal = call.signal.aborted ? null : readServerError(error);
    const blamed = trial?.blamed ?? [];
    const failedBefore = failing.has(modelName(call));
    const next =
      refusal === null ? null : blame(refusal, { sent: sent.features, proven: known.proven, blamed, failedBefore });
    if (next !== null) return { blamed: [...blamed, next], refusal: trial?.refusal ?? error };

    const concernsFeatures = refusal !== null && mayConcernFeatures(refusal);
    noteFailing(call, refusal, failedBefore);
    // When the server could not answer for another reason, what was left out proved nothing yet.
    if (trial !== null && !concernsFeatures) trials.keep(callName(call), trial);
    throw toModelFailure(concernsFeatures ? (trial?.refusal ?? error) : error, failedCall(sending));
  }

  /** A server that fails twice in a row is suspected of lacking something at every other call, not at each. */
  function noteFailing(call: ModelCall, refusal: ServerError | null, failedBefore: boolean): void {
    if (refusal?.status === 500 && !failedBefore) failing.add(modelName(call));
    else failing.delete(modelName(call));
  }

  return {
    ask: async (call) => {
      let trial = trials.take(callName(call));
      for (;;) {
        const sending = await prepare(call, trial);
        try {
          const answer = await send(sending);
          failing.delete(modelName(call));
          await memory.learn(placeOf(call), learntFrom(sending));
          return answer;
        } catch (error) {
          const refused = refusedContent(error, sending);
          if (refused !== null) return refused;
          if (isBrokenStream(error, sending)) brokenStreams.add(modelName(call));
          trial = nextTrial(error, sending);
          if (options.isRateLimited(call.target.endpoint)) {
            trials.keep(callName(call), trial);
            throw askAgain(error, trial.blamed.at(-1)?.feature ?? '', failedCall(sending));
          }
        }
      }
    },
  };
}

async function send({ call, connection, sent, exchange }: Sending): Promise<ModelAnswer> {
  const { request, target } = call;
  return withinCallLimits(call.signal, target, async (signal, heard) => {
    const response = await connection.client
      .post('/chat/completions', {
        body: sent.body,
        headers: { 'x-coppice-call': callKey(request) },
        // The package's own limit ends with the headers; ours, which comes before, also covers the body.
        timeout: timerMilliseconds(target.timeoutSeconds + 1),
        signal,
      })
      .asResponse();
    const completion = await readResponse(response, { client: connection.client, exchange, signal, heard });
    const requestId = response.headers.get('x-request-id') ?? response.headers.get('request-id');
    return toAnswer(completion, sent.features.includes('tools'), { target, exchange, requestId });
  });
}

/** The answer that a provider's filter gave in the form of an error; null for any other error. */
function refusedContent(error: unknown, { call, exchange }: Sending): ModelAnswer | null {
  const refusal = call.signal.aborted ? null : readServerError(error);
  if (refusal === null || !isRefusedContent(refusal)) return null;
  return refusedAnswer(refusal.message, { target: call.target, exchange, requestId: refusal.requestId });
}

function isBrokenStream(error: unknown, { sent, exchange }: Sending): boolean {
  return error instanceof UnusableAnswer && sent.features.includes('stream') && exchange.usage === null;
}

function learntFrom({ sent, trial, exchange }: Sending): Learnt {
  const streamless: Feature[] = exchange.streamedWithoutUsage ? ['stream'] : [];
  return {
    lacks: [...lacksShown(trial?.blamed ?? []), ...streamless],
    proven: sent.features.filter((feature) => !streamless.includes(feature)),
  };
}

function failedCall({ call, connection, exchange }: Sending): FailedCall {
  const { name, keyVariable } = call.target;
  return { host: connection.host, model: name, keyVariable, signal: call.signal, usage: exchange.usage };
}

function placeOf({ target }: ModelCall): { readonly endpoint: string; readonly model: string } {
  return { endpoint: target.endpoint, model: target.name };
}

function modelName({ target }: ModelCall): string {
  return `${target.endpoint} ${target.name}`;
}

function callName(call: ModelCall): string {
  return `${modelName(call)} ${callKey(call.request)}`;
}

/** Names a call towards the server: the same for every attempt at it. */
function callKey(request: ModelRequest): string {
  return `${request.runId}/${request.nodeId}/${request.purpose}/${request.ask}`;
}
