import type { Price } from '../domain/price';
import { costOf } from '../domain/price';
import type { ResolvedModels } from '../domain/resolved-model';

/** Tokens of the calls of one node. */
interface NodeTokens {
  /** What a proposal's prompt has beyond the first draft's: parent, its output, memory, digest. */
  readonly growth: number;
  readonly script: number;
  readonly reviewPrompt: number;
  readonly reviewAnswer: number;
}

/**
 * A short script with a short plan, and one of some 400 lines. In between lies what was measured (docs/prompts.md): 200
 * steps with scripts of 900 tokens took 2,900 prompt tokens a proposal and 800 a review.
 */
const FEW: NodeTokens = { growth: 500, script: 1000, reviewPrompt: 800, reviewAnswer: 100 };
const MANY: NodeTokens = { growth: 5000, script: 5000, reviewPrompt: 3000, reviewAnswer: 400 };

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface CostEstimate {
  /** Prompt and answer tokens of all calls, without the reasoning of models that think. */
  readonly tokens: Range;
  /** US dollars without any provider's cache; null where a price is not known. */
  readonly costUsd: Range | null;
}

/**
 * What a search of `steps` nodes may use, before anything of it is known but its first prompt.
 *
 * @param draftTokens tokens of the first draft's prompt
 */
export function estimateCost(models: ResolvedModels, draftTokens: number, steps: number): CostEstimate {
  const low = nodeCost(models, draftTokens, FEW);
  const high = nodeCost(models, draftTokens, MANY);
  return {
    tokens: { low: low.tokens * steps, high: high.tokens * steps },
    costUsd:
      low.costUsd === null || high.costUsd === null ? null : { low: low.costUsd * steps, high: high.costUsd * steps },
  };
}

function nodeCost(models: ResolvedModels, draftTokens: number, tokens: NodeTokens) {
  const prompt = draftTokens + tokens.growth;
  const proposal = priced(models.improve[0]?.price ?? null, prompt, tokens.script);
  const review = priced(models.review[0]?.price ?? null, tokens.reviewPrompt, tokens.reviewAnswer);
  return {
    tokens: prompt + tokens.script + tokens.reviewPrompt + tokens.reviewAnswer,
    costUsd: proposal === null || review === null ? null : proposal + review,
  };
}

function priced(price: Price | null, promptTokens: number, completionTokens: number): number | null {
  return price === null ? null : costOf(price, { promptTokens, completionTokens, cachedTokens: 0 });
}
