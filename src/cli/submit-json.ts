import { z } from 'zod';

/** What `coppice submit --json` prints, as docs/json-output.md says. */
export const submitJsonSchema = z.strictObject({
  runId: z.string(),
  node: z.int().min(1),
  /** Search score of the node. */
  metric: z.number().nullable(),
  /** From the final selection, for the nodes that it compared. */
  selectionScore: z.number().nullable(),
  /** Whether the script had all the data to learn from, withheld rows included. */
  onAllData: z.boolean(),
  /** Absolute path of what was written. */
  file: z.string(),
  rows: z.int().min(1),
  columns: z.array(z.string()),
  checkedBy: z.enum(['sample', 'ids', 'none']),
});
export type SubmitJson = z.infer<typeof submitJsonSchema>;
