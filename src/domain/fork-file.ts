import { z } from 'zod';
import { FILE_FORMAT } from './file-format';
import { usageSchema } from './usage';

/** `fork.json`: what a run took over from another one before it began. */
export const forkFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  source: z.string(),
  /** The node whose record was the last one taken over. */
  node: z.int().min(1),
  /** Nodes taken over. */
  nodes: z.int().min(1),
  /** What they, and the digests taken over with them, had used: bought by the source, and counted here once more. */
  usage: usageSchema,
  /** Nodes of these that were pruned in the source, each with all that descends from it. */
  pruned: z.array(z.int().min(1)).default([]),
});
export type ForkFile = z.infer<typeof forkFileSchema>;
