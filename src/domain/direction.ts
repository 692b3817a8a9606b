import { z } from 'zod';

/** Whether a larger or a smaller score is better. Settled once per run, never per node. */
export const directionSchema = z.enum(['maximize', 'minimize']);
export type Direction = z.infer<typeof directionSchema>;

/** True when `candidate` is strictly better than `incumbent`. */
export function isBetter(candidate: number, incumbent: number, direction: Direction): boolean {
  return direction === 'maximize' ? candidate > incumbent : candidate < incumbent;
}
