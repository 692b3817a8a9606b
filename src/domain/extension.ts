import { z } from 'zod';
import { durationSchema } from './duration';
import { MAXIMUM_STEPS } from './run-spec';

/** What `extend` adds to a run: steps, working time (seconds once parsed), or both. */
export const extensionSchema = z
  .strictObject({
    steps: z.int().min(1).max(MAXIMUM_STEPS).optional(),
    time: durationSchema.optional(),
  })
  .refine((extension) => extension.steps !== undefined || extension.time !== undefined, 'expected steps, time or both');

export type Extension = z.output<typeof extensionSchema>;
export type ExtensionInput = z.input<typeof extensionSchema>;
