import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { actionSchema, USUAL_ANSWER, type Action, type AnswerAction } from './actions';
import { usualAnswer } from './answers';
import { makeCompletion, type Completion } from './completion';
import { refusalOf } from './lacks';
import { drawFault, FAULTS } from './random-faults';
import {
  answerRoom,
  completionRequestSchema,
  hashOfMessages,
  promptTokens,
  structuredBy,
  type CompletionRequest,
} from './request';
import { parseCallKey, type CallKey } from './rules';
import type { ModelParts } from './scripted-model';
import { createReply, type Reply } from './reply';

/** How routers tell within an answer of their own that the server behind them failed. */
const UPSTREAM_GONE = JSON.stringify({ error: { message: 'the upstream is gone', code: 502 } });

/** One request and all that decides its answer. */
interface Asked {
  readonly parts: ModelParts;
  readonly call: CallKey;
  readonly request: CompletionRequest;
  readonly number: number;
  readonly promptTokens: number;
  readonly reply: Reply;
}

/** Answers a request for a completion, or does with it what was asked for. */
export async function complete(
  parts: ModelParts,
  callName: string,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const call = parseCallKey(callName);
  if (call === null) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(failureBody('the header x-coppice-call names no call', 'no_call')));
    return;
  }
  const request = completionRequestSchema.parse(JSON.parse(body));
  const number = parts.log.received({
    call: callName,
    ...call,
    model: request.model,
    structured: request.response_format != null,
    structuredBy: structuredBy(request),
    stream: request.stream === true,
    room: answerRoom(request),
    promptHash: hashOfMessages(request.messages),
    receivedAt: new Date().toISOString(),
  });
  const reply = createReply(parts.log, number, response);
  const asked = { parts, call, request, number, promptTokens: promptTokens(request), reply };
  if (!(await refuseLack(asked))) await act(asked, await decide(asked));
}

export function failureBody(message: string, code: string | null, param: string | null = null): object {
  return { error: { message, type: 'invalid_request_error', code, param } };
}

async function refuseLack({ parts, request, number, reply }: Asked): Promise<boolean> {
  const { plainOnly, lacks } = parts.settings;
  if (plainOnly === true && request.response_format != null) {
    parts.log.struck(number, 'lacks response_format');
    const body = failureBody('response_format is not supported', 'unsupported', 'response_format');
    await reply.whole(400, JSON.stringify(body));
    return true;
  }
  const refusal = refusalOf(request, lacks);
  if (refusal === null) return false;
  parts.log.struck(number, `lacks ${refusal.lack}`);
  await reply.whole(refusal.status, JSON.stringify(refusal.body));
  return true;
}

/** A rule's action, else a fault that is drawn, else the usual answer. */
async function decide({ parts, call, number }: Asked): Promise<Action> {
  const { randomFaults, delayMs = 0 } = parts.settings;
  const rule = parts.rules.decide(call);
  await sleep(rule?.delayMs ?? delayMs);
  if (rule !== null) return rule.action;
  if (randomFaults === undefined) return USUAL_ANSWER;
  const name = parts.log.all()[number - 1]?.call;
  const sending = parts.log.all().filter((earlier) => earlier.call === name && earlier.number <= number).length;
  const fault = drawFault(randomFaults, call, sending);
  if (fault === null) return USUAL_ANSWER;
  parts.log.struck(number, fault);
  return actionSchema.parse(FAULTS[fault]);
}

async function act(asked: Asked, action: Action): Promise<void> {
  const { parts, reply } = asked;
  switch (action.type) {
    case 'answer':
      return answer(asked, action);
    case 'respond':
      return reply.whole(action.status, action.body ?? '{}', action.headers);
    case 'refuse': {
      const body = JSON.stringify(failureBody(action.message, action.code));
      return reply.whole(action.status, body, retryHeaders(action.retryAfter));
    }
    case 'too_long':
      return refuseLength(asked, asked.promptTokens - 1);
    case 'garbage':
      return babble(asked, action.kind);
    case 'hold':
      await parts.hold(asked.number);
      return answer(asked, USUAL_ANSWER);
    case 'cut':
      if (action.after === 'half') await reply.half(completionOf(asked, USUAL_ANSWER), streamOf(asked));
      reply.cut();
      return;
    case 'down':
      parts.goDownFor(action.ms);
      return;
    case 'die':
      if (action.when === 'answered') await answer(asked, USUAL_ANSWER);
      process.kill(process.pid, 'SIGKILL');
  }
}

async function answer(asked: Asked, action: AnswerAction): Promise<void> {
  const { contextTokens } = asked.parts.settings;
  if (contextTokens !== undefined && asked.promptTokens > contextTokens) return refuseLength(asked, contextTokens);
  const completion = completionOf(asked, action);
  const stream = streamOf(asked);
  if (stream === null || action.inOnePiece) return asked.reply.completion(completion);
  return asked.reply.stream(completion, stream, action.stream);
}

function completionOf({ parts, call, request, number, promptTokens }: Asked, action: AnswerAction): Completion {
  const { settings } = parts;
  const script = action.script ?? settings.script?.(call) ?? {};
  const text = action.text ?? settings.answer?.(call, request.messages) ?? usualAnswer(call, request.messages, script);
  const left = settings.contextTokens === undefined ? Infinity : settings.contextTokens - promptTokens;
  const room = Math.min(answerRoom(request) ?? Infinity, left);
  return makeCompletion(
    {
      id: `scripted-${number}`,
      model: request.model,
      text,
      promptTokens,
      room: room === Infinity ? null : room,
      tool: structuredBy(request) === 'tool' ? (request.tools?.[0]?.function.name ?? null) : null,
    },
    action,
  );
}

/** How a stream was asked for; null when none was. */
function streamOf({ request }: Asked): { readonly includeUsage: boolean } | null {
  return request.stream === true ? { includeUsage: request.stream_options?.include_usage === true } : null;
}

function refuseLength({ reply, promptTokens }: Asked, most: number): Promise<void> {
  const message =
    `This model's maximum context length is ${most} tokens. However, your messages resulted in ${promptTokens} ` +
    'tokens. Please reduce the length of the messages.';
  return reply.whole(400, JSON.stringify(failureBody(message, 'context_length_exceeded', 'messages')));
}

/** Answers as no client can read it; what only a stream can be is broken JSON where none was asked for. */
function babble(asked: Asked, kind: Extract<Action, { type: 'garbage' }>['kind']): Promise<void> {
  const { reply } = asked;
  switch (kind) {
    case 'html':
      return reply.whole(200, '<!doctype html><title>Welcome to the proxy</title>', { 'content-type': 'text/html' });
    case 'plain_text':
      return reply.whole(200, 'upstream connect error', { 'content-type': 'text/plain' });
    case 'empty':
      return reply.whole(200, '');
    case 'broken_json':
      return reply.whole(200, '{"id": "scripted", "choices": [{"index": 0, "message": {"role": "assi');
    case 'error_object':
      return reply.whole(200, UPSTREAM_GONE);
    case 'broken_stream':
      if (streamOf(asked) === null) return babble(asked, 'broken_json');
      return reply.events(['data: {"id": "scripted", "choi\n\n', 'data: [DONE]\n\n']);
    case 'stream_error': {
      if (streamOf(asked) === null) return babble(asked, 'error_object');
      const failure = `data: ${UPSTREAM_GONE}\n\n`;
      return reply.brokenOff(completionOf(asked, USUAL_ANSWER), failure);
    }
  }
}

function retryHeaders(wait: Extract<Action, { type: 'refuse' }>['retryAfter']): Record<string, string> {
  switch (wait?.as) {
    case 'milliseconds':
      return { 'retry-after-ms': String(wait.ms) };
    case 'seconds':
      return { 'retry-after': String(wait.ms / 1000) };
    case 'date':
      return { 'retry-after': new Date(Date.now() + wait.ms).toUTCString() };
    case undefined:
      return {};
  }
}
