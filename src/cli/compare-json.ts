import { z } from 'zod';
import { directionSchema } from '../domain/direction';
import { evaluationKindSchema } from '../domain/evaluation';

const pointSchema = z.strictObject({
  at: z.number().min(0),
  /** One for each run, in the order of `runs`. */
  runs: z.array(
    z.strictObject({
      /** Best score by then; null while nothing worked, and where the run did not come so far. */
      score: z.number().nullable(),
      reached: z.boolean(),
    }),
  ),
});

/** What `coppice compare --json` prints, as docs/json-output.md says. */
export const compareJsonSchema = z.strictObject({
  metric: z.string(),
  direction: directionSchema,
  runs: z
    .array(
      z.strictObject({
        runId: z.string(),
        task: z.string(),
        /** Null until it is settled. */
        evaluation: evaluationKindSchema.nullable(),
        nodes: z.int().min(0),
        /** Working time. */
        seconds: z.number().min(0),
        /** Null where no price is known. */
        costUsd: z.number().min(0).nullable(),
        best: z
          .strictObject({
            id: z.int().min(1),
            metric: z.number(),
            selectionScore: z.number().nullable(),
            /** What a person noted about the node. */
            notes: z.record(z.string(), z.number()),
          })
          .nullable(),
      }),
    )
    .min(2),
  equalNodes: z.array(pointSchema),
  equalSeconds: z.array(pointSchema),
  /** US dollars; null where the cost of a run is not known, or none of them cost anything. */
  equalCostUsd: z.array(pointSchema).nullable(),
  /** Why the scores may not compare. */
  doubts: z.array(z.string()),
});
export type CompareJson = z.infer<typeof compareJsonSchema>;
