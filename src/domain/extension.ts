import { z } from 'zod';
import { byteSizeSchema } from './byte-size';
import { durationSchema } from './duration';
import type { InputProblem } from './input-problems';
import type { RunSpec } from './run-spec';
import { MAXIMUM_STEPS } from './run-spec';

/** What `extend` adds to a run: steps, working time (seconds once parsed), tokens, money, or disk (bytes once parsed). */
export const extensionSchema = z
  .strictObject({
    steps: z.int().min(1).max(MAXIMUM_STEPS).optional(),
    time: durationSchema.optional(),
    /** Tokens, US dollars and disk are added to the caps of the run; only where it has them. */
    tokens: z.int().min(1).optional(),
    cost: z.number().positive().optional(),
    disk: byteSizeSchema.optional(),
  })
  .refine((extension) => Object.values(extension).some((value) => value !== undefined), 'expected something to add');

export type Extension = z.output<typeof extensionSchema>;
export type ExtensionInput = z.input<typeof extensionSchema>;

/** What of an extension has nothing in the run's request that it could be added to. */
export function unfitExtension(extension: Extension, { limits, replay }: RunSpec): InputProblem[] {
  if (replay !== undefined) {
    return [{ path: '$', message: 'a replay runs what another run recorded, and can be given nothing more' }];
  }
  const caps = { tokens: limits.tokens, cost: limits.cost, disk: limits.runDisk };
  return (['tokens', 'cost', 'disk'] as const)
    .filter((cap) => extension[cap] !== undefined && caps[cap] === undefined)
    .map((cap) => ({ path: `$.${cap}`, message: 'the run has no cap of this kind, so there is nothing to add to' }));
}
