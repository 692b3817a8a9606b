import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerAction } from './actions';
import { completionBody, isUsable, type Completion } from './completion';
import type { RequestLog } from './request-log';
import { streamChunks } from './stream-chunks';

/** Milliseconds in which the sent half of an answer leaves before its connection is ended. */
const HALF_MS = 20;

/** Sends the answer to one request in one of its ways, and logs it when it was sent whole. */
export interface Reply {
  whole(status: number, body: string, headers?: Readonly<Record<string, string>>): Promise<void>;
  completion(completion: Completion): Promise<void>;
  stream(completion: Completion, how: { readonly includeUsage: boolean }, pace: AnswerAction['stream']): Promise<void>;
  /** Server-sent events as they stand. */
  events(chunks: readonly string[]): Promise<void>;
  /** The first half of a stream, then this event and the end. */
  brokenOff(completion: Completion, last: string): Promise<void>;
  /** The first half of the answer, and no end. */
  half(completion: Completion, stream: { readonly includeUsage: boolean } | null): Promise<void>;
  /** Ends the connection. */
  cut(): void;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

export function createReply(log: RequestLog, number: number, response: ServerResponse): Reply {
  const named = { 'x-request-id': `scripted-${number}` };

  /** Ends the response; an answer whose reader has gone, or goes before all is out, does not count as given. */
  const end = async (status: number, last: string, completion?: Completion): Promise<void> => {
    if (response.destroyed) return;
    // Before the end, so that whoever has the answer also finds it in the log.
    const usage = completion?.tellsUsage === true ? completion.usage : null;
    log.answered(number, { status, isAnswer: completion !== undefined && isUsable(completion), usage });
    response.end(last);
    if (!response.writableFinished) await Promise.race([once(response, 'finish'), once(response, 'close')]);
    if (!response.writableFinished) log.lost(number);
  };

  const whole = (
    status: number,
    body: string,
    headers: Readonly<Record<string, string>> = {},
    completion?: Completion,
  ): Promise<void> => {
    response.writeHead(status, { ...JSON_TYPE, ...named, ...headers });
    return end(status, body, completion);
  };

  const send = async (chunks: readonly string[], pauseMs: number): Promise<void> => {
    response.writeHead(200, { ...STREAM_TYPE, ...named });
    response.flushHeaders();
    for (const chunk of chunks) {
      if (response.destroyed) return;
      response.write(chunk);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };

  return {
    whole,
    completion: (completion) => whole(200, JSON.stringify(completionBody(completion)), {}, completion),
    stream: async (completion, how, { pauseMs = 0, silentAfter }) => {
      const chunks = streamChunks(completion, how.includeUsage);
      if (silentAfter !== undefined) return send(chunks.slice(0, Math.min(silentAfter, chunks.length - 1)), pauseMs);
      await send(chunks.slice(0, -1), pauseMs);
      const told = { ...completion, tellsUsage: completion.tellsUsage && how.includeUsage };
      return end(200, chunks.at(-1) ?? '', told);
    },
    events: async (chunks) => {
      await send(chunks, 0);
      await end(200, '');
    },
    brokenOff: async (completion, last) => {
      const chunks = streamChunks(completion, false);
      await send(chunks.slice(0, chunks.length / 2), 0);
      await end(200, last);
    },
    half: async (completion, stream) => {
      if (stream === null) {
        const text = JSON.stringify(completionBody(completion));
        response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(text) });
        response.write(text.slice(0, text.length / 2));
      } else {
        const chunks = streamChunks(completion, stream.includeUsage);
        await send(chunks.slice(0, chunks.length / 2), 0);
      }
      await sleep(HALF_MS);
    },
    cut: () => void response.destroy(),
  };
}
