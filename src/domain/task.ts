import { z } from 'zod';
import { directionSchema } from './direction';
import { durationSchema } from './duration';

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
  /** How nodes are scored; a command is the task's own evaluator, run by `/bin/sh -c` beside the script's output. */
  evaluation: z
    .union(
      [
        z.enum(['reported', 'holdout']),
        z.strictObject({
          command: z.string().min(1),
          /** Files and directories that the command needs, relative to the task. */
          files: z.array(z.string().min(1)).default([]),
          limit: durationSchema.default(600),
        }),
      ],
      'expected "reported", "holdout" or {command: …}',
    )
    .optional(),
  /** Column whose rows stay together in the split of `holdout`. */
  group: z.string().min(1).optional(),
  /** Column that orders the rows: the last ones are withheld. */
  time: z.string().min(1).optional(),
  /** Python file with a function `score(truth, predictions)` of the task's own, for `holdout`. */
  scorer: z.string().min(1).optional(),
  /** `requirements.txt` of an environment of the task's own. */
  requirements: z.string().min(1).optional(),
  /** Interpreter to use in place of the pinned environment. */
  python: z.string().min(1).optional(),
  /** Directories that scripts may read besides their input, such as a model cache; each at its own path. */
  mounts: z.array(z.string().min(1)).optional(),
  network: z.enum(['off', 'on']).optional(),
  /** GPUs that one script needs. */
  gpus: z.int().min(0).max(64).optional(),
  /** What a script makes besides its submission and should be kept, relative to its directory. */
  outputs: z.array(z.string().min(1)).optional(),
  /** Directory with prompt templates that replace coppice's own. */
  prompts: z.string().min(1).optional(),
  /** Runs of the best scripts with other seeds (COPPICE_SEED) in the final selection of `reported`. */
  reruns: z.int().min(0).max(20).optional(),
});
export type TaskFile = z.output<typeof taskFileSchema>;

/** Something about a task that its owner did not say: what coppice takes it to be, and by what it knows. */
export const inferredSchema = z.object({
  what: z.enum(['goal', 'metric', 'direction', 'target', 'id', 'train', 'test', 'sample']),
  value: z.string(),
  reason: z.string(),
});
export type Inferred = z.infer<typeof inferredSchema>;

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
  evaluation: z
    .union([
      z.enum(['reported', 'holdout']),
      z.object({ command: z.string(), files: z.array(z.string()), limit: z.number() }),
    ])
    .nullable()
    .default(null),
  group: z.string().nullable().default(null),
  time: z.string().nullable().default(null),
  /** Below the run's `task/`, where it was copied to at the start; so are the evaluation's files. */
  scorer: z.string().nullable().default(null),
  /** Below the run's `task/`. */
  requirements: z.string().nullable().default(null),
  /** Absolute path. */
  python: z.string().nullable().default(null),
  /** Absolute paths. */
  mounts: z.array(z.string()).default([]),
  network: z.enum(['off', 'on']).default('off'),
  gpus: z.int().min(0).default(0),
  outputs: z.array(z.string()).default([]),
  reruns: z.int().min(0).default(0),
  /** Settings that were not given. */
  inferred: z.array(inferredSchema).default([]),
});
export type Task = z.infer<typeof taskSchema>;

/** What a task has that asks for nothing special. */
export const PLAIN_TASK = {
  evaluation: null,
  group: null,
  time: null,
  scorer: null,
  requirements: null,
  python: null,
  mounts: [],
  network: 'off',
  gpus: 0,
  outputs: [],
  reruns: 0,
  inferred: [],
} as const satisfies Partial<Task>;
