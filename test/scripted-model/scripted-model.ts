import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { reviewAnswer, scriptAnswer } from './answers';
import { createRequestLog, type RequestLog, type RequestRecord } from './request-log';
import {
  createRuleBook,
  parseCallKey,
  ruleSchema,
  type Action,
  type CallKey,
  type RuleBook,
  type RuleInput,
  type ScriptBehaviour,
} from './rules';

export interface ScriptedModelSettings {
  /** Default: any free port. */
  readonly port?: number;
  readonly rules?: readonly RuleInput[];
  /** How the script of a node behaves, unless a rule says it. Default: it reports its number at once. */
  readonly script?: (call: CallKey) => ScriptBehaviour;
  /** Refuses structured output with status 400, as simple servers do. */
  readonly plainOnly?: boolean;
  /** File to which every arrival and answer is appended as a line of JSON. */
  readonly recordTo?: string;
}

export interface ScriptedModel {
  /** What OPENAI_BASE_URL is to be. */
  readonly baseUrl: string;
  /** Every request for a completion so far. */
  readonly requests: () => readonly RequestRecord[];
  readonly control: {
    addRules(...rules: RuleInput[]): void;
    clearRules(): void;
    /** Answers the requests that are held. */
    release(): void;
  };
  close(): Promise<void>;
}

const completionRequestSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  response_format: z.unknown().optional(),
});

/**
 * A server that speaks OpenAI's chat completions and answers by node and purpose (header `x-coppice-call`): draft,
 * improve and debug get a small script of the standard library alone, review gets JSON. Rules make it delay, fail,
 * hang, cut the connection or die. It counts and keeps every request.
 */
export async function startScriptedModel(settings: ScriptedModelSettings = {}): Promise<ScriptedModel> {
  const rules = createRuleBook(settings.rules ?? []);
  const log = createRequestLog(settings.recordTo ?? null);
  const held = new Set<() => void>();
  const release = (): void => {
    for (const open of held) open();
    held.clear();
  };
  const hold = (): Promise<void> => new Promise((resolve) => held.add(resolve));
  const server = createServer((request, response) => {
    route({ settings, rules, log, hold, release }, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, failureBody(String(error), null));
    });
  });
  server.listen(settings.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${portOf(server)}/v1`,
    requests: () => log.all(),
    control: { addRules: (...added) => rules.add(added), clearRules: () => rules.clear(), release },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Parts {
  readonly settings: ScriptedModelSettings;
  readonly rules: RuleBook;
  readonly log: RequestLog;
  readonly hold: () => Promise<void>;
  readonly release: () => void;
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const address = `${request.method ?? ''} ${request.url ?? ''}`;
  if (address === 'POST /v1/chat/completions') return complete(parts, request, response, body);
  const result = control(parts, address, body);
  if (result === null) sendJson(response, 404, failureBody('there is nothing at this address', 'not_found'));
  else sendJson(response, 200, result);
}

/** What another process may ask or tell this server; null for an address that is not known. */
function control(parts: Parts, address: string, body: string): object | null {
  switch (address) {
    case 'GET /_requests':
      return parts.log.all();
    case 'POST /_rules':
      parts.rules.add(z.array(ruleSchema).parse(JSON.parse(body)));
      return {};
    case 'DELETE /_rules':
      parts.rules.clear();
      return {};
    case 'POST /_release':
      parts.release();
      return {};
    default:
      return null;
  }
}

async function complete(parts: Parts, request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
  const callName = String(request.headers['x-coppice-call'] ?? '');
  const call = parseCallKey(callName);
  if (call === null) {
    sendJson(response, 400, failureBody('the header x-coppice-call names no call', 'no_call'));
    return;
  }
  const { model, messages, response_format: format } = completionRequestSchema.parse(JSON.parse(body));
  const number = parts.log.received({
    call: callName,
    ...call,
    model,
    structured: format !== undefined,
    promptHash: hashOfMessages(messages),
    receivedAt: new Date().toISOString(),
  });
  if (parts.settings.plainOnly === true && format !== undefined) {
    return answer(parts.log, number, response, 400, failureBody('response_format is not supported', 'unsupported'));
  }
  const rule = parts.rules.decide(call);
  if (rule?.delayMs !== undefined) await sleep(rule.delayMs);
  const promptTokens = tokens(messages.map((message) => message.content).join(''));
  const usual = { call, model, number, promptTokens, script: parts.settings.script?.(call) ?? {} };
  await act(parts, response, rule?.action ?? { type: 'answer' }, usual);
}

interface UsualAnswer {
  readonly call: CallKey;
  readonly model: string;
  readonly number: number;
  readonly promptTokens: number;
  readonly script: ScriptBehaviour;
}

async function act(parts: Parts, response: ServerResponse, action: Action, usual: UsualAnswer): Promise<void> {
  const { log } = parts;
  const { number } = usual;
  switch (action.type) {
    case 'answer': {
      const completion = completionBody(usual, action);
      return answer(log, number, response, 200, completion, completion.usage);
    }
    case 'respond':
      response.writeHead(action.status, { 'content-type': 'application/json', ...action.headers });
      return finish(log, number, response, action.status, action.body ?? '{}');
    case 'hold':
      await parts.hold();
      return act(parts, response, { type: 'answer' }, usual);
    case 'cut': {
      if (action.after === 'half') {
        const text = JSON.stringify(completionBody(usual, {}));
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
        response.write(text.slice(0, text.length / 2));
        await sleep(20);
      }
      response.destroy();
      return;
    }
    case 'die':
      if (action.when === 'answered') await act(parts, response, { type: 'answer' }, usual);
      process.kill(process.pid, 'SIGKILL');
  }
}

function completionBody(usual: UsualAnswer, action: Omit<Extract<Action, { type: 'answer' }>, 'type'>) {
  const { call, model, number, promptTokens } = usual;
  const usualText = call.purpose === 'review' ? reviewAnswer(call) : scriptAnswer(call, action.script ?? usual.script);
  const content = action.text ?? usualText;
  const message = { role: 'assistant', content };
  const completionTokens = tokens(content);
  return {
    id: `scripted-${number}`,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason: action.finishReason ?? 'stop' }],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      prompt_tokens_details: { cached_tokens: Math.floor(promptTokens / 2) },
    },
  };
}

async function answer(
  log: RequestLog,
  number: number,
  response: ServerResponse,
  status: number,
  body: unknown,
  usage = { prompt_tokens: 0, completion_tokens: 0 },
): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': `scripted-${number}` });
  await finish(log, number, response, status, JSON.stringify(body), usage);
}

/** Sends the body; an answer whose reader has gone is not counted as given. */
async function finish(
  log: RequestLog,
  number: number,
  response: ServerResponse,
  status: number,
  body: string,
  usage = { prompt_tokens: 0, completion_tokens: 0 },
): Promise<void> {
  if (response.destroyed) return;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
  log.answered(number, { status, promptTokens, completionTokens });
  response.end(body);
  await Promise.race([once(response, 'finish'), once(response, 'close')]);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function failureBody(message: string, code: string | null) {
  return { error: { message, type: 'invalid_request_error', code, param: null } };
}

/** The hash by which a test recognises a prompt that was sent again. */
export function hashOfMessages(messages: readonly { readonly role: string; readonly content: string }[]): string {
  const plain = messages.map(({ role, content }) => [role, content]);
  return createHash('sha256').update(JSON.stringify(plain)).digest('hex');
}

/** About four characters a token, as with real models. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
