import { z } from 'zod';
import { usageSchema } from './usage';

/** What a digest, or the report's story, is made of: one made of other nodes, or of other scripts, is not used again. */
export const writtenIdentitySchema = z.object({
  /** The digest that it goes on from, and the hash of its text; null for the first. */
  previous: z.object({ upTo: z.int().min(1), hash: z.string() }).nullable(),
  nodes: z.array(z.object({ id: z.int().min(1), codeHash: z.string().nullable() })),
});
export type WrittenIdentity = z.infer<typeof writtenIdentitySchema>;

/** `digests/<n>/digest.json` and `story/report.json`: written last, so that a text without it is not finished. */
export const writtenFileSchema = writtenIdentitySchema.extend({
  /** Tokens of the text as coppice counts them. */
  tokens: z.int().min(0),
  usage: usageSchema,
});
export type WrittenFile = z.infer<typeof writtenFileSchema>;
