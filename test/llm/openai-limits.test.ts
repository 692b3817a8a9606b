import { CancelledFailure } from '@temporalio/common';
import type { ResolvedModel } from '../../src/domain/resolved-model';
import type { ModelClient, ModelRequest } from '../../src/llm/model';
import { createOpenAiModel } from '../../src/llm/openai-model';
import { waitUntil } from '../helpers/wait-until';
import { ask, DRAFT, failureOf, targetAt } from './model-calls';
import {
  beginStream,
  chunk,
  startModelServer,
  USAGE,
  USAGE_CHUNK,
  writeEvents,
  type ModelServer,
  type Respond,
} from './model-server';

let server: ModelServer;

async function start(respond: Respond): Promise<ModelClient> {
  server = await startModelServer(respond);
  return createOpenAiModel({ environment: {}, isRateLimited: () => false });
}

function askServer(model: ModelClient, request: ModelRequest = DRAFT, changes: Partial<ResolvedModel> = {}) {
  return ask(model, targetAt(server.baseUrl, changes), request);
}

afterEach(() => server.close());

describe('a call has limits:', () => {
  test('as a whole', async () => {
    const model = await start(() => {});
    const failure = await failureOf(askServer(model, DRAFT, { timeoutSeconds: 0.2 }));
    expect(failure).toMatchObject({ type: 'ModelUnreachable', nonRetryable: false });
    expect(failure.message).toContain('no whole answer within 0.2 s');
  });

  test('while the body of the answer is read', async () => {
    const model = await start((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const failure = await failureOf(askServer(model, DRAFT, { timeoutSeconds: 0.2 }));
    expect(failure.message).toContain('no whole answer within 0.2 s');
  });

  test('in silence between two parts, where keeping the connection open is no part', async () => {
    const model = await start((response) => {
      beginStream(response);
      writeEvents(response, [chunk({ content: 'Plan' }, null, { usage: USAGE })]);
      const beat = setInterval(() => response.write(': still there\n\n'), 20);
      response.on('close', () => clearInterval(beat));
    });
    const failure = await failureOf(askServer(model, DRAFT, { silenceSeconds: 0.2 }));
    expect(failure).toMatchObject({ type: 'ModelUnreachable', details: [{ usage: { promptTokens: 11 } }] });
    expect(failure.message).toContain('silent for 0.2 s');
  });

  test('but the wait for the first part is not silence, and neither is a slow stream', async () => {
    const model = await start((response) => {
      beginStream(response);
      writeEvents(response, [chunk({ role: 'assistant', content: '' })]);
      const parts = ['', '', '', 'a', 'b', 'c', 'd', 'e'];
      const beat = setInterval(() => {
        const part = parts.shift();
        if (part === undefined) {
          clearInterval(beat);
          writeEvents(response, [chunk({}, 'stop'), USAGE_CHUNK, '[DONE]']);
          response.end();
        } else if (part !== '') writeEvents(response, [chunk({ reasoning: 'hm', content: part })]);
      }, 400);
    });
    expect((await askServer(model, DRAFT, { silenceSeconds: 1 })).text).toBe('abcde');
  });

  test('and ends with its activity, with the reason that one was given', async () => {
    const model = await start((response) => {
      beginStream(response);
      writeEvents(response, [chunk({ content: 'Plan' })]);
    });
    const controller = new AbortController();
    const call = ask(model, targetAt(server.baseUrl), DRAFT, controller.signal);
    const reason = new CancelledFailure('CANCELLED');
    const outcome = expect(call).rejects.toBe(reason);
    await waitUntil('the request to arrive', () => server.requests.length === 1);
    controller.abort(reason);
    await outcome;
  });
});
