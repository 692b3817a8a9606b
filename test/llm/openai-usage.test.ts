import { readUsage } from '../../src/llm/openai/token-usage';

const PLAIN = { prompt_tokens: 100, completion_tokens: 30 };

test.each<readonly [string, object, object]>([
  ['OpenAI', PLAIN, { promptTokens: 100, completionTokens: 30, cachedTokens: 0, reasoningTokens: 0 }],
  [
    'OpenAI, in detail',
    {
      ...PLAIN,
      total_tokens: 130,
      prompt_tokens_details: { cached_tokens: 60, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    { promptTokens: 100, completionTokens: 30, cachedTokens: 60, reasoningTokens: 20 },
  ],
  ['DeepSeek', { ...PLAIN, prompt_cache_hit_tokens: 64 }, { promptTokens: 100, cachedTokens: 64 }],
  [
    'Anthropic',
    { input_tokens: 10, cache_read_input_tokens: 80, cache_creation_input_tokens: 10, output_tokens: 30 },
    { promptTokens: 100, completionTokens: 30, cachedTokens: 80 },
  ],
  [
    'xAI, whose reasoning stands beside the completion',
    { ...PLAIN, total_tokens: 150, completion_tokens_details: { reasoning_tokens: 20 } },
    { promptTokens: 100, completionTokens: 50, reasoningTokens: 20 },
  ],
  ['odd figures', { prompt_tokens: 1.5, completion_tokens: 3 }, { promptTokens: 0, completionTokens: 3 }],
  ['odd details', { ...PLAIN, prompt_tokens_details: 'none' }, { promptTokens: 100, cachedTokens: 0 }],
  ['nulls', { ...PLAIN, prompt_tokens_details: null, completion_tokens_details: null }, { completionTokens: 30 }],
])('the counts of %s are read', (_name, usage, expected) => {
  expect(readUsage(usage, null)).toMatchObject({ calls: 1, costUsd: null, ...expected });
});

test.each([[null], [undefined], [{}], ['12'], [{ prompt_tokens: 'many' }]])('%j names no usage', (usage) => {
  expect(readUsage(usage, null)).toBeNull();
});

test('cached tokens cost what the price says of them', () => {
  const usage = { ...PLAIN, prompt_tokens_details: { cached_tokens: 60 } };
  expect(readUsage(usage, { input: 2, cachedInput: 0.5, output: 10 })?.costUsd).toBeCloseTo(
    (40 * 2 + 60 * 0.5 + 30 * 10) / 1e6,
    12,
  );
});
