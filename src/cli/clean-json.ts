import { z } from 'zod';
import { REMOVABLE } from '../sandbox/removable';
import { runStateSchema } from './json-output';

/** What `coppice clean` prints with --json, as docs/json-output.md says. */
export const cleanJsonSchema = z.strictObject({
  /** Whether nothing was removed, only looked for. */
  dryRun: z.boolean(),
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      state: runStateSchema,
      /**
       * - `superseded`: steps that others took the place of
       * - `bests`: copies of nodes that once were the best
       * - `variants`: what scripts made when the final selection ran them again
       * - `kept`: working directories kept by --keep
       * - `working`: what killed workers left
       * - `grade`, `run`: with --everything, the hidden rows and the run's own files
       */
      removed: z.array(z.strictObject({ what: z.enum(REMOVABLE), path: z.string(), bytes: z.number().min(0) })),
      bytes: z.number().min(0),
    }),
  ),
  /** Runs that --all passed over, and why. */
  skipped: z.array(z.strictObject({ runId: z.string(), why: z.string() })),
  bytes: z.number().min(0),
});
export type CleanJson = z.infer<typeof cleanJsonSchema>;
