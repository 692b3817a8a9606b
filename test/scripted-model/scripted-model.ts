import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ScriptBehaviour } from './actions';
import { complete, failureBody } from './complete';
import type { LacksInput } from './lacks';
import type { RandomFaults } from './random-faults';
import type { RequestMessage } from './request';
import { createRequestLog, servedTotals, type RequestLog, type RequestRecord, type ServedTotals } from './request-log';
import { createRuleBook, ruleSchema, type CallKey, type RuleBook, type RuleInput } from './rules';

export interface ScriptedModelSettings {
  /** Default: any free port. */
  readonly port?: number;
  readonly rules?: readonly RuleInput[];
  /** How the script of a node behaves, unless a rule says it. Default: it reports its number at once. */
  readonly script?: (call: CallKey) => ScriptBehaviour;
  /** The text of an answer, unless a rule says it; null: as usual. */
  readonly answer?: (call: CallKey, messages: readonly RequestMessage[]) => string | null;
  /** Refuses structured output by `response_format` with status 400, as simple servers do. */
  readonly plainOnly?: boolean;
  /** What else of the interface it does not know. */
  readonly lacks?: LacksInput;
  /** Most tokens of prompt and answer together; a prompt alone past it is refused. Default: no limit. */
  readonly contextTokens?: number;
  /** Milliseconds that every answer takes, unless a rule says it. Default: 0. */
  readonly delayMs?: number;
  /** Default: none. A rule goes before. */
  readonly randomFaults?: RandomFaults;
  /** File to which every arrival and answer is appended as a line of JSON. */
  readonly recordTo?: string;
}

export interface ScriptedModel {
  /** What OPENAI_BASE_URL is to be. */
  readonly baseUrl: string;
  /** Every request for a completion so far. */
  readonly requests: () => readonly RequestRecord[];
  /** What was served whole, to the token; of one run or of all. */
  readonly served: (runId?: string) => ServedTotals;
  readonly control: {
    addRules(...rules: RuleInput[]): void;
    /** Drops the rules for one run, or all of them. */
    clearRules(runId?: string): void;
    /** Answers the requests that are held, and does not hold those that have come already. */
    release(): void;
    /** Ends every connection and refuses new ones until `up`, or for so many milliseconds. */
    down(ms?: number): Promise<void>;
    /** Listens again, at the same address. */
    up(): Promise<void>;
  };
  close(): Promise<void>;
}

/** What answering a request takes. */
export interface ModelParts {
  readonly settings: ScriptedModelSettings;
  readonly rules: RuleBook;
  readonly log: RequestLog;
  /** Settles once the request of this number is released. */
  readonly hold: (number: number) => Promise<void>;
  readonly goDownFor: (ms: number) => void;
}

/**
 * A server that speaks OpenAI's chat completions, streamed or not, and answers by node and purpose (header
 * `x-coppice-call`): draft, improve and debug get a small script of the standard library alone, review gets JSON, the
 * others some text. Rules, lacks and random faults make it delay, fail, babble, hang, cut the connection, go away or
 * die. It counts and keeps every request, and what it served to the token.
 */
export async function startScriptedModel(settings: ScriptedModelSettings = {}): Promise<ScriptedModel> {
  const log = createRequestLog(settings.recordTo ?? null);
  const held = new Set<() => void>();
  let releasedUpTo = 0;
  const release = (): void => {
    releasedUpTo = log.all().length;
    for (const open of held) open();
    held.clear();
  };
  const server = createServer();
  let comeBack: NodeJS.Timeout | undefined;
  let isClosed = false;
  const goDownFor = async (ms: number): Promise<void> => {
    await stopListening(server);
    clearTimeout(comeBack);
    if (!isClosed) comeBack = setTimeout(() => void listen(server, port), ms);
  };
  const parts: ModelParts = {
    settings,
    rules: createRuleBook(settings.rules ?? []),
    log,
    hold: (number) => new Promise((resolve) => (number <= releasedUpTo ? resolve() : void held.add(resolve))),
    goDownFor: (ms) => void goDownFor(ms),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    route(parts, release, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, failureBody(String(error), null));
    });
  });
  const port = await listen(server, settings.port ?? 0);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: () => log.all(),
    served: (runId) => servedTotals(log.all().filter((record) => runId === undefined || record.runId === runId)),
    control: {
      addRules: (...added) => parts.rules.add(added),
      clearRules: (runId) => parts.rules.clear(runId),
      release,
      down: (ms) => (ms === undefined ? stopListening(server) : goDownFor(ms)),
      up: async () => {
        clearTimeout(comeBack);
        await listen(server, port);
      },
    },
    close: () => {
      isClosed = true;
      clearTimeout(comeBack);
      return stopListening(server);
    },
  };
}

async function route(
  parts: ModelParts,
  release: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const address = `${request.method ?? ''} ${request.url ?? ''}`;
  if (address === 'POST /v1/chat/completions') {
    return complete(parts, String(request.headers['x-coppice-call'] ?? ''), body, response);
  }
  const result = control(parts, release, address, body);
  if (result === null) sendJson(response, 404, failureBody('there is nothing at this address', 'not_found'));
  else sendJson(response, 200, result);
}

/** What another process may ask or tell this server; null for an address that is not known. */
function control(parts: ModelParts, release: () => void, address: string, body: string): object | null {
  switch (address) {
    case 'GET /_requests':
      return parts.log.all();
    case 'GET /_served':
      return servedTotals(parts.log.all());
    case 'POST /_rules':
      parts.rules.add(z.array(ruleSchema).parse(JSON.parse(body)));
      return {};
    case 'DELETE /_rules':
      parts.rules.clear();
      return {};
    case 'POST /_release':
      release();
      return {};
    case 'GET /v1/models':
      return { object: 'list', data: [{ id: 'scripted', object: 'model', created: 0, owned_by: 'tests' }] };
    default:
      return null;
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** @returns the port */
async function listen(server: Server, port: number): Promise<number> {
  if (!server.listening) {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
