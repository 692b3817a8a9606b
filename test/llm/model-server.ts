import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const bodySchema = z.record(z.string(), z.unknown());

export interface SeenRequest {
  readonly body: z.infer<typeof bodySchema>;
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
}

/** `nth` counts from 1. */
export type Respond = (response: ServerResponse, request: SeenRequest, nth: number) => void;

export interface ModelServer {
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A server on which a test writes every answer itself, down to its bytes. */
export async function startModelServer(respond: Respond): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    void json(incoming).then((body) => {
      const request = { body: bodySchema.parse(body), headers: incoming.headers, url: incoming.url ?? '' };
      requests.push(request);
      respond(response, request, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A refusal in OpenAI's form. */
export function refuse(response: ServerResponse, status: number, error: object, headers = {}): void {
  sendJson(response, status, { error: { type: 'invalid_request_error', ...error } }, headers);
}

export function completion(message: object, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'served-model',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
    usage: USAGE,
    ...rest,
  };
}

export function chunk(delta: object, finishReason: string | null = null, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'served-model',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...rest,
  };
}

export const USAGE_CHUNK = { id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [], usage: USAGE };

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'request-1' });
}

export function writeEvents(response: ServerResponse, events: readonly unknown[]): void {
  for (const event of events) response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
}

/** A stream of these events from its beginning to its end. */
export function sendStream(response: ServerResponse, events: readonly unknown[]): void {
  beginStream(response);
  writeEvents(response, [...events, '[DONE]']);
  response.end();
}

/** Answers in whichever way was asked for. */
export function answer(response: ServerResponse, request: SeenRequest): void {
  sendText(response, request, 'hello');
}

export function sendText(response: ServerResponse, request: SeenRequest, text: string): void {
  if (request.body['stream'] !== true) {
    sendJson(response, 200, completion({ content: text }));
    return;
  }
  const half = Math.ceil(text.length / 2);
  sendStream(response, [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: text.slice(0, half) }),
    chunk({ content: text.slice(half) }),
    chunk({}, 'stop'),
    USAGE_CHUNK,
  ]);
}
