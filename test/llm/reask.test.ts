import { countMessageTokens } from '../../src/llm/count-tokens';
import type { ModelAnswer, ModelRequest } from '../../src/llm/model';
import { reaskRequest } from '../../src/llm/prompts/reask';
import { NO_USAGE } from '../../src/domain/usage';

const FIRST: ModelRequest = {
  model: 'large',
  runId: 'run',
  nodeId: 1,
  purpose: 'draft',
  ask: 1,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Write a script.' },
  ],
  estimatedTokens: 13,
  shrunk: 0,
};

function answer(text: string): ModelAnswer {
  return {
    text,
    finishReason: 'stop',
    refusal: null,
    endpoint: 'e',
    model: 'large',
    usage: NO_USAGE,
    requestId: null,
    sentAt: '2026-01-01T00:00:00Z',
    firstPartMs: null,
    durationMs: 1,
  };
}

test('a re-ask repeats the first prompt and a bounded part of the answer, and says what was wrong', () => {
  const request = reaskRequest(FIRST, answer('word '.repeat(1e5)), 'it has no code', 'Give code.', null);
  const { messages } = request;
  expect(messages.slice(0, 2)).toEqual(FIRST.messages);
  expect(messages.slice(2).map(({ role }) => role)).toEqual(['assistant', 'user']);
  expect(messages[3]?.content).toBe('Your answer cannot be used: it has no code. Give code.');
  expect(request.estimatedTokens).toBe(countMessageTokens(messages));
  expect(request.estimatedTokens).toBeLessThan(2100);
  expect(request.maxTokens).toBeUndefined();
});

test('after a cut-off it has more room and is asked to be shorter', () => {
  const request = reaskRequest(FIRST, answer(''), 'it was cut off', 'Give code.', 8000);
  expect(request.maxTokens).toBe(8000);
  expect(request.messages[2]?.content).toBe('(empty)');
  expect(request.messages[3]?.content).toContain('say only what is needed');
});
