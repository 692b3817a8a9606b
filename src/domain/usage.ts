import { z } from 'zod';

/** What model calls used, as the provider reported it; counts of tokens and calls. */
export const usageSchema = z.object({
  calls: z.int().min(0),
  promptTokens: z.int().min(0),
  /** Reasoning tokens included. */
  completionTokens: z.int().min(0),
  /** Of the prompt's tokens, those that the provider had cached. */
  cachedTokens: z.int().min(0),
  reasoningTokens: z.int().min(0).default(0),
  /** US dollars; null as soon as one call was made to a model without a known price. */
  costUsd: z.number().min(0).nullable().default(null),
});
export type Usage = z.infer<typeof usageSchema>;

export const NO_USAGE: Usage = {
  calls: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    calls: left.calls + right.calls,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    cachedTokens: left.cachedTokens + right.cachedTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
    costUsd: left.costUsd === null || right.costUsd === null ? null : left.costUsd + right.costUsd,
  };
}

/** Tokens that count towards `limits.tokens`. */
export function totalTokens(usage: Usage): number {
  return usage.promptTokens + usage.completionTokens;
}
