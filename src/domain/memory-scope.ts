import { z } from 'zod';

/**
 * Which earlier nodes a prompt lists one by one.
 *
 * - `all`: any of the tree, the most valuable first
 * - `siblings`: the other children of the parent (other drafts for a draft), the best, and what was learnt elsewhere
 *   since the last digest
 * - `ancestors`: the line from the parent up
 * - `none`: nothing, not even the digest
 */
export const memoryScopeSchema = z.enum(['all', 'siblings', 'ancestors', 'none']);
export type MemoryScope = z.infer<typeof memoryScopeSchema>;

/** What prompts carry of the search so far. */
export const memorySpecSchema = z.strictObject({
  draft: memoryScopeSchema.default('siblings'),
  improve: memoryScopeSchema.default('siblings'),
  debug: memoryScopeSchema.default('ancestors'),
  /** Most tokens that earlier nodes take of a prompt, the digest apart. */
  tokens: z.int().min(0).max(100_000).default(500),
  /** Recorded nodes after which the digest of older ones is renewed; 0: there is none. */
  digestEvery: z.int().min(0).max(1000).default(20),
});
