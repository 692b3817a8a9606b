import { z } from 'zod';
import { directionSchema } from './direction';

/** `task.yaml` as people write it; unknown keys are refused. Paths are relative to the file's directory. */
export const taskFileSchema = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  goal: z.string().min(1),
  data: z.string().min(1).default('./input'),
  metric: z.string().min(1),
  direction: directionSchema.optional(),
  target: z.string().min(1).optional(),
  id: z.string().min(1).optional(),
  train: z.string().min(1).optional(),
  test: z.string().min(1).optional(),
  sample: z.string().min(1).optional(),
});
export type TaskFile = z.output<typeof taskFileSchema>;

/** A task with everything settled; kept in `run.json` and used from there for the whole run. */
export const taskSchema = z.object({
  name: z.string(),
  goal: z.string(),
  /** Absolute path of the directory that scripts see as `./input`. */
  dataDirectory: z.string(),
  metric: z.string(),
  direction: directionSchema,
  target: z.string().nullable(),
  id: z.string().nullable(),
  /** File names below the data directory; null when there is none. */
  train: z.string().nullable(),
  test: z.string().nullable(),
  /** Sample submission; when there is one, every script must write a `working/submission.csv` that fits it. */
  sample: z.string().nullable(),
});
export type Task = z.infer<typeof taskSchema>;
