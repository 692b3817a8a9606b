import type OpenAI from 'openai';
import { APIError } from 'openai';
import { Stream } from 'openai/core/streaming';
import { CompletionParts, completionSchema, type Completion, type CompletionBody } from './completion';
import type { Exchange } from './exchange';
import { UnusableAnswer } from './unusable-answer';

/** Longest answer that is read, in bytes on the wire, so that a server that never ends cannot fill the memory. */
const LONGEST_ANSWER = 64_000_000;

const EVENT_STREAM = /^\s*(data|event|id|retry)?:/;
const END_OF_STREAM = /data:\s*\[DONE\]\s*$/;

export interface Reading {
  readonly client: OpenAI;
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  /** Called at each part of a streamed answer. */
  readonly heard: () => void;
}

/**
 * Reads an answer by what it is, not by what was asked for: a stream of events or one body of JSON.
 *
 * @throws UnusableAnswer, APIError for an error that stands in the answer, whatever the connection or the signal throws
 */
export async function readResponse(response: Response, reading: Reading): Promise<Completion> {
  const { watched, hasEnded } = watch(response);
  if (response.headers.get('content-type')?.includes('text/event-stream') === true) {
    return readStream(watched, hasEnded, reading);
  }
  const text = await watched.text();
  if (!EVENT_STREAM.test(text)) return readWhole(text, response.headers, reading.exchange);
  return readStream(new Response(text, { headers: response.headers }), hasEnded, reading);
}

function readWhole(text: string, headers: Headers, exchange: Exchange): Completion {
  const parsed = parseJson(text);
  const body = completionSchema.safeParse(parsed);
  if (!body.success) throw new UnusableAnswer('JSON that is no object');
  exchange.noteUsage(body.data.usage);
  refuseErrors(parsed, body.data, headers);
  if (!Array.isArray(body.data.choices)) throw new UnusableAnswer('JSON without choices');
  if (body.data.choices.length === 0) throw new UnusableAnswer('an empty list of choices');
  const parts = new CompletionParts();
  parts.add(body.data);
  return parts.whole();
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw new UnusableAnswer('an empty body');
  try {
    return JSON.parse(text);
  } catch {
    if (/^\s*</.test(text)) throw new UnusableAnswer('a page of HTML');
    throw new UnusableAnswer(/^\s*[[{]/.test(text) ? 'JSON that is broken' : 'plain text');
  }
}

async function readStream(response: Response, hasEnded: () => boolean, reading: Reading): Promise<Completion> {
  const parts = new CompletionParts();
  try {
    await addParts(parts, response, reading);
    // The package's stream ends without a word when it was aborted.
    if (!reading.signal.aborted) reading.exchange.noteWholeStream();
  } catch (error) {
    // Of an answer that has ended only its usage can be missing, for which it is not bought again.
    if (!parts.ended) throw error;
  }
  // Some servers break a stream off and call that its end.
  if (!parts.ended && !(hasEnded() && reading.exchange.usage !== null)) {
    throw new UnusableAnswer(parts.isEmpty ? 'an empty stream' : 'a stream that broke off');
  }
  if (!parts.hasChoice) throw new UnusableAnswer('a stream without choices');
  return parts.whole();
}

async function addParts(parts: CompletionParts, response: Response, reading: Reading): Promise<void> {
  const { client, exchange, heard } = reading;
  for await (const event of Stream.fromSSEResponse<unknown>(response, new AbortController(), client)) {
    const body = completionSchema.safeParse(event);
    if (!body.success) throw new UnusableAnswer('a stream of something else');
    exchange.noteUsage(body.data.usage);
    refuseErrors(event, body.data, response.headers);
    if (!parts.add(body.data)) continue;
    exchange.notePart();
    heard();
  }
}

/** Watches a body for its length, and for the last line of a stream, which the package's decoder keeps to itself. */
function watch(response: Response): { readonly watched: Response; readonly hasEnded: () => boolean } {
  if (response.body === null) throw new UnusableAnswer('an empty body');
  const decoder = new TextDecoder();
  let tail = '';
  let length = 0;
  const watching = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      tail = (tail + decoder.decode(chunk, { stream: true })).slice(-64);
      length += chunk.length;
      if (length > LONGEST_ANSWER) throw new UnusableAnswer('an answer without end');
      controller.enqueue(chunk);
    },
  });
  const watched = new Response(response.body.pipeThrough(watching), { headers: response.headers });
  return { watched, hasEnded: () => END_OF_STREAM.test(tail) };
}

/** Routers put the error of the provider behind them into an answer that is well otherwise. */
function refuseErrors(whole: unknown, { object, error, choices }: CompletionBody, headers: Headers): void {
  const inside = object === 'error' ? whole : (error ?? choices?.[0]?.error);
  if (inside === undefined || inside === null) return;
  throw new APIError(undefined, inside, undefined, headers);
}
