import { z } from 'zod';

/**
 * Which run of a node's script: its own (`node`), the winner's on all the data (`refit`), or one more with another
 * seed (`seed-1`, `seed-2`, …; the script sees the number as COPPICE_SEED).
 */
export const scriptVariantSchema = z.union([z.enum(['node', 'refit']), z.templateLiteral(['seed-', z.int().min(1)])]);
export type ScriptVariant = z.infer<typeof scriptVariantSchema>;
