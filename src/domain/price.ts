import { z } from 'zod';

/** What a model costs, in US dollars for a million tokens. */
export const priceSchema = z.object({
  input: z.number().min(0),
  /** Of prompt tokens that the provider had cached; default: as `input`. */
  cachedInput: z.number().min(0).optional(),
  output: z.number().min(0),
});
export type Price = z.infer<typeof priceSchema>;

/** Tokens of one call; cached ones are among the prompt's, reasoning ones among the completion's. */
interface BilledTokens {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

/** What a call costs in US dollars. */
export function costOf(price: Price, { promptTokens, completionTokens, cachedTokens }: BilledTokens): number {
  const cached = Math.min(cachedTokens, promptTokens);
  const input = (promptTokens - cached) * price.input + cached * (price.cachedInput ?? price.input);
  return (input + completionTokens * price.output) / 1e6;
}
