import { z } from 'zod';
import { costOf, type Price } from '../../domain/price';
import type { Usage } from '../../domain/usage';

// Odd figures from a server are no reason to lose an answer that was paid for.
const countSchema = z.int().min(0).nullish().catch(null);
const detailsSchema = z
  .object({ cached_tokens: countSchema, reasoning_tokens: countSchema })
  .partial()
  .nullish()
  .catch(null);

/** The names that servers give their counts: OpenAI's, then those of DeepSeek, Anthropic, Moonshot and xAI. */
const usageSchema = z.object({
  prompt_tokens: countSchema,
  completion_tokens: countSchema,
  total_tokens: countSchema,
  prompt_tokens_details: detailsSchema,
  completion_tokens_details: detailsSchema,
  input_tokens: countSchema,
  output_tokens: countSchema,
  prompt_cache_hit_tokens: countSchema,
  cache_read_input_tokens: countSchema,
  cache_creation_input_tokens: countSchema,
  cached_tokens: countSchema,
  reasoning_tokens: countSchema,
});
type ServerUsage = z.infer<typeof usageSchema>;

/** What a server says that one call used; null when it names no count at all. */
export function readUsage(value: unknown, price: Price | null): Usage | null {
  const parsed = usageSchema.safeParse(value);
  if (!parsed.success || Object.values(parsed.data).every((count) => typeof count !== 'number')) return null;
  const counted = parsed.data;
  const promptTokens = counted.prompt_tokens ?? wholeInput(counted);
  const reasoningTokens = counted.completion_tokens_details?.reasoning_tokens ?? counted.reasoning_tokens ?? 0;
  const named = counted.completion_tokens ?? counted.output_tokens ?? 0;
  // Some count reasoning beside the completion; only their total tells.
  const isBeside = counted.total_tokens === promptTokens + named + reasoningTokens;
  return priced({
    promptTokens,
    completionTokens: isBeside ? named + reasoningTokens : named,
    cachedTokens:
      counted.prompt_tokens_details?.cached_tokens ??
      counted.prompt_cache_hit_tokens ??
      counted.cache_read_input_tokens ??
      counted.cached_tokens ??
      0,
    reasoningTokens,
    price,
  });
}

/** Of a call whose server names no usage: an estimate would be no fact, so its tokens stay uncounted. */
export function uncountedUsage(price: Price | null): Usage {
  return priced({ promptTokens: 0, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0, price });
}

function priced({ price, ...tokens }: Omit<Usage, 'calls' | 'costUsd'> & { readonly price: Price | null }): Usage {
  return { calls: 1, ...tokens, costUsd: price === null ? null : costOf(price, tokens) };
}

/** Anthropic counts what it read from its cache, and what it put there, beside the rest of the input. */
function wholeInput(counted: ServerUsage): number {
  const { input_tokens: input, cache_read_input_tokens: read, cache_creation_input_tokens: written } = counted;
  return (input ?? 0) + (read ?? 0) + (written ?? 0);
}
