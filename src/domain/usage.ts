import { z } from 'zod';

/** What model calls used, as the provider reported it; counts of tokens and calls. */
export const usageSchema = z.object({
  calls: z.int().min(0),
  promptTokens: z.int().min(0),
  completionTokens: z.int().min(0),
  cachedTokens: z.int().min(0),
});
export type Usage = z.infer<typeof usageSchema>;

export const NO_USAGE: Usage = { calls: 0, promptTokens: 0, completionTokens: 0, cachedTokens: 0 };

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    calls: left.calls + right.calls,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    cachedTokens: left.cachedTokens + right.cachedTokens,
  };
}
