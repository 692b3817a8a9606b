import type { Lack } from '../scripted-model/lacks';
import { once, type Fault } from './fault';

function without(lacks: readonly Lack[], status: 400 | 422 | 500, fault: Omit<Fault, 'ownServer'>): Fault {
  return { ...fault, ownServer: { lacks: { lacks: [...lacks], status } } };
}

/** What the whole server lacks or does: each of them is met at a server of its own. */
export const SERVER_FAULTS: readonly Fault[] = [
  without(['json_schema'], 400, { name: 'knows no json_schema (400)', expected: { moreRequests: 1 } }),
  without(['json_schema'], 422, { name: 'knows no json_schema (422)', expected: { moreRequests: 1 } }),
  without(['json_schema'], 500, { name: 'knows no json_schema (500)', expected: { moreRequests: 1 } }),
  without(['json_schema', 'json_object'], 400, {
    name: 'knows no response_format (400)',
    expected: { moreRequests: 2 },
  }),
  without(['json_schema', 'json_object', 'tools'], 400, {
    name: 'knows nothing that gives an answer a shape (400)',
    expected: { moreRequests: 3 },
  }),
  without(['temperature'], 400, {
    name: 'takes no temperature (400)',
    model: { temperature: 0.3 },
    expected: { moreRequests: 1 },
  }),
  without(['reasoning_effort'], 400, {
    name: 'takes no reasoning effort (400)',
    model: { reasoningEffort: 'low' },
    expected: { moreRequests: 1 },
  }),
  without(['max_tokens'], 400, {
    name: 'takes no max_tokens (400)',
    model: { maxTokens: 4000 },
    expected: { moreRequests: 1 },
  }),
  without(['max_tokens', 'max_completion_tokens'], 400, {
    name: 'takes no limit of tokens at all (400)',
    model: { maxTokens: 4000 },
    expected: { moreRequests: 2 },
  }),
  without(['system'], 400, { name: 'knows no system role (400)', expected: { moreRequests: 1 } }),
  without(['stream'], 400, { name: 'cannot stream (400)', expected: { moreRequests: 1 } }),
  without(['stream_options'], 400, { name: 'knows no stream_options (400)', expected: { moreRequests: 1 } }),
  without(['stream'], 500, { name: 'falls over at a stream (500)', expected: { moreRequests: 2 } }),
  {
    name: 'does not say what it used',
    ownServer: {},
    rules: [{ action: { type: 'answer', usage: false } }],
    expected: { moreRequests: 0 },
  },
  {
    name: 'takes requests at a slow rate, and its answer is none',
    ownServer: {},
    requestsPerMinute: 60,
    rules: once({ type: 'answer', text: 'Let us talk.' }),
    expected: { moreRequests: 1 },
  },
  {
    name: 'goes away for 4 seconds',
    ownServer: {},
    rules: once({ type: 'down', ms: 4000 }),
    expected: { moreRequests: 1 },
  },
  {
    name: 'is not there when the run starts',
    ownServer: {},
    prepare: async (server) => {
      await server.control.down();
      return () => server.control.up();
    },
    expected: { moreRequests: 0, pause: 'model_unreachable' },
  },
  {
    name: 'is not there, and another model is named after it',
    ownServer: {},
    hasFallback: true,
    prepare: async (server) => {
      await server.control.down();
      return () => server.control.up();
    },
    expected: { moreRequests: 0 },
  },
  {
    name: 'rejects the key, and another model is named after it',
    ownServer: {},
    hasFallback: true,
    rules: [{ action: { type: 'refuse', status: 401 } }],
    expected: { moreRequests: 1 },
  },
];
