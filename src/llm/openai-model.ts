import OpenAI, { APIError } from 'openai';
import { z } from 'zod';
import { baseUrlOf, valueOf, type Environment } from './endpoint';
import type { ModelAnswer, ModelClient, ModelRequest } from './model';
import { toModelFailure, unusableResponse, type FailedCall } from './model-failure';
import { withinLimit } from './within-limit';

/** Longest a call may take, the reading of the answer included, in milliseconds. */
export const CALL_TIMEOUT_MS = 10 * 60 * 1000;

/** Statuses with which servers answer a `response_format` that they do not know. */
const UNKNOWN_FORMAT_STATUSES: readonly number[] = [400, 422, 500, 501];

// Odd figures from a server are no reason to lose an answer that was paid for.
const countSchema = z.int().min(0).nullish().catch(null);

const completionSchema = z.object({
  model: z.string().nullish(),
  choices: z
    .array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string().nullish() }))
    .min(1),
  usage: z
    .object({
      prompt_tokens: countSchema,
      completion_tokens: countSchema,
      prompt_tokens_details: z.object({ cached_tokens: countSchema }).nullish(),
    })
    .nullish(),
});

/**
 * A model behind a server that speaks OpenAI's chat completions. It reads OPENAI_BASE_URL and OPENAI_API_KEY once and
 * never retries by itself. When the server refuses structured output, the same call is made once more without it, and
 * this client no longer asks for it; prompts that want JSON therefore say so in words as well.
 *
 * @throws TypeError when OPENAI_BASE_URL is not a URL
 */
export function createOpenAiModel(environment: Environment): ModelClient {
  const baseUrl = baseUrlOf(environment);
  const client = new OpenAI({
    baseURL: baseUrl,
    // Servers of one's own often need no key, while the client insists on some text.
    apiKey: valueOf(environment, 'OPENAI_API_KEY') ?? 'none',
    organization: valueOf(environment, 'OPENAI_ORG_ID'),
    project: valueOf(environment, 'OPENAI_PROJECT_ID'),
    maxRetries: 0,
    timeout: CALL_TIMEOUT_MS,
  });
  const host = new URL(baseUrl).host;
  let structuredOutput = true;

  async function complete(request: ModelRequest, structured: boolean, signal: AbortSignal): Promise<ModelAnswer> {
    const { data, request_id: requestId } = await client.chat.completions
      .create(toBody(request, structured), { headers: { 'x-coppice-call': callKey(request) }, signal })
      .withResponse();
    return toAnswer(data, requestId, { host, model: request.model, signal });
  }

  async function completeOrFallBack(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    if (request.responseSchema === undefined || !structuredOutput) return complete(request, false, signal);
    try {
      return await complete(request, true, signal);
    } catch (error) {
      if (!refusesFormat(error)) throw error;
      const answer = await complete(request, false, signal);
      // Only now is it known that the format was what the server minded.
      structuredOutput = false;
      return answer;
    }
  }

  return {
    ask: async (request, signal) => {
      try {
        // The client's own limit ends with the headers of the answer; this one also covers its body.
        return await withinLimit(signal, CALL_TIMEOUT_MS, (limited) => completeOrFallBack(request, limited));
      } catch (error) {
        throw toModelFailure(error, { host, model: request.model, signal });
      }
    },
  };
}

/** Names a call towards the server: the same for every attempt at it. */
function callKey(request: ModelRequest): string {
  return `${request.runId}/${request.nodeId}/${request.purpose}/${request.ask}`;
}

function toBody(request: ModelRequest, structured: boolean): OpenAI.Chat.ChatCompletionCreateParamsNonStreaming {
  const messages = request.messages.map(({ role, content }) => ({ role, content }));
  if (!structured || request.responseSchema === undefined) return { model: request.model, messages };
  const { name, schema } = request.responseSchema;
  return {
    model: request.model,
    messages,
    response_format: { type: 'json_schema', json_schema: { name, schema: { ...schema }, strict: true } },
  };
}

function refusesFormat(error: unknown): boolean {
  return (
    error instanceof APIError && typeof error.status === 'number' && UNKNOWN_FORMAT_STATUSES.includes(error.status)
  );
}

function toAnswer(data: unknown, requestId: string | null, call: FailedCall): ModelAnswer {
  const completion = completionSchema.safeParse(data);
  if (!completion.success) throw unusableResponse(describe(data), call);
  const { choices, usage, model } = completion.data;
  return {
    text: choices[0]?.message.content ?? '',
    finishReason: choices[0]?.finish_reason ?? null,
    model: model ?? call.model,
    promptTokens: usage?.prompt_tokens ?? 0,
    completionTokens: usage?.completion_tokens ?? 0,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    requestId,
  };
}

function describe(data: unknown): string {
  if (typeof data === 'string') return /^\s*</.test(data) ? 'a page of HTML' : 'plain text';
  if (typeof data !== 'object' || data === null) return 'nothing';
  if (!('choices' in data) || !Array.isArray(data.choices)) return 'JSON without choices';
  return data.choices.length === 0 ? 'an empty list of choices' : 'a choice without content';
}
