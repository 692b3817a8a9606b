import { z } from 'zod';
import { byteSizeSchema } from './byte-size';
import { directionSchema } from './direction';
import { durationSchema } from './duration';
import { inputProblems, type InputProblem } from './input-problems';
import { memorySpecSchema } from './memory-scope';
import { roleModelsSchema } from './model-setting';

/** Largest number of search steps a run may have; the tree then still fits one continue-as-new input. */
export const MAXIMUM_STEPS = 20_000;

/** Run ids name directories and workflows alike, so they are held to what both take. */
export const runIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,120}$/, 'expected 1 to 120 letters, digits, dots, underscores or hyphens')
  .refine((id) => id !== '.' && id !== '..', 'a run id cannot be "." or ".."');

const inlineTaskSchema = z.strictObject({
  data: z.string().min(1),
  goal: z.string().min(1),
  metric: z.string().min(1),
  direction: directionSchema.optional(),
  target: z.string().min(1).optional(),
  id: z.string().min(1).optional(),
  train: z.string().min(1).optional(),
  test: z.string().min(1).optional(),
  sample: z.string().min(1).optional(),
});

/** What replaces a setting of a task given by its path, or what coppice would take it to be. */
const correctionsSchema = inlineTaskSchema.omit({ data: true }).partial();

const greedyPolicySchema = z.strictObject({
  name: z.literal('greedy').default('greedy'),
  numDrafts: z.int().min(1).max(1000).default(5),
  debugProbability: z.number().min(0).max(1).default(0.5),
  maxDebugDepth: z.int().min(0).max(1000).default(3),
});

/** A role without models of its own takes the default's. */
export const modelsSchema = z.strictObject({
  default: roleModelsSchema.optional(),
  draft: roleModelsSchema.optional(),
  improve: roleModelsSchema.optional(),
  debug: roleModelsSchema.optional(),
  review: roleModelsSchema.optional(),
  digest: roleModelsSchema.optional(),
  report: roleModelsSchema.optional(),
});

const limitsSchema = z.strictObject({
  /** Working time of the run, in seconds once parsed; pauses and server outages do not count. */
  time: durationSchema.optional(),
  /** Absolute end of the run, ISO 8601 with offset. */
  deadline: z.iso.datetime({ offset: true }).optional(),
  /** Longest a single script may run, in seconds once parsed. */
  script: durationSchema.default(3600),
  /** Tokens of all model calls, prompts and answers together. */
  tokens: z.int().min(1).optional(),
  /** US dollars that all model calls may cost; wants every model to have a price. */
  cost: z.number().positive().optional(),
  /** Memory of one script with everything it starts, in bytes once parsed; default: the machine's, shared by its slots. */
  memory: byteSizeSchema.optional(),
  /** Disk that one script may fill, in bytes once parsed. */
  disk: byteSizeSchema.optional(),
  /** Processes and threads that one script may have at a time. */
  processes: z.int().min(1).max(100_000).optional(),
  /** Disk that all of the run's files and working directories may fill, in bytes once parsed; past it the run pauses. */
  runDisk: byteSizeSchema.optional(),
});

export const NOTIFY_EVENTS = ['new_best', 'paused', 'failed', 'finished'] as const;
const notifyEventSchema = z.enum(NOTIFY_EVENTS);
export type NotifyEvent = z.infer<typeof notifyEventSchema>;

/** Who is told, and of what; a notification that fails never disturbs the run. */
const notifySchema = z
  .strictObject({
    /** A program with its arguments, run by a worker; it gets the event as JSON on its standard input. */
    command: z.array(z.string().min(1)).min(1).max(50).optional(),
    /** Gets the event as JSON by POST. */
    webhook: z
      .string()
      .regex(/^https?:\/\/\S+$/, 'expected an address such as "https://example.org/hook"')
      .optional(),
    on: z
      .array(notifyEventSchema)
      .min(1)
      .default([...NOTIFY_EVENTS]),
  })
  .refine(({ command, webhook }) => command !== undefined || webhook !== undefined, 'expected a command or a webhook');
export type NotifySpec = z.output<typeof notifySchema>;

/**
 * What a person asks for when starting a run. Only `task` is required. Parsing a parsed spec changes nothing.
 */
export const runSpecSchema = z.strictObject({
  task: z.union([z.string().min(1), inlineTaskSchema], 'expected the path of a task, or {data: …, goal: …, metric: …}'),
  /** Only with a task given by its path. */
  corrections: correctionsSchema.optional(),
  steps: z.int().min(1).max(MAXIMUM_STEPS).default(20),
  parallel: z.int().min(1).max(256).optional(),
  seed: z.int().min(0).max(0xffffffff).optional(),
  policy: greedyPolicySchema.prefault({}),
  models: modelsSchema.prefault({}),
  memory: memorySpecSchema.prefault({}),
  /** Directory with prompt templates that replace coppice's own; see docs/prompts.md. */
  prompts: z.string().min(1).optional(),
  limits: limitsSchema.prefault({}),
  target: z.number().optional(),
  patience: z.int().min(1).optional(),
  /** `auto`: as the task says, else `holdout` where the data allows it, else `reported`. */
  evaluation: z.enum(['auto', 'reported', 'holdout', 'command']).default('auto'),
  /** `auto`: the best that each worker's probe proves. */
  isolation: z.enum(['auto', 'bubblewrap', 'process']).default('auto'),
  /** Whether scripts reach the network; default: as the task says, else `off`. */
  network: z.enum(['off', 'on']).optional(),
  /** Tells of what happens to the run; see docs/watching.md. */
  notify: notifySchema.optional(),
  /** Whether values of cells of the data may stand in prompts; without, column names, types and counts alone do. */
  samples: z.boolean().default(true),
  /** Whether the working directories of scripts stay after their nodes are recorded. */
  keep: z.boolean().default(false),
  /** Runs the scripts of this finished run again, with its operators, parents and answers and without any call. */
  replay: runIdSchema.optional(),
  /** Takes over the tree of another run as it stood when `node` was recorded, and goes on from there. */
  fork: z.strictObject({ run: runIdSchema, node: z.int().min(1) }).optional(),
  /** What the launching machine fills in for keys left open; never part of what makes two requests the same. */
  machineDefaults: z.strictObject({ parallel: z.int().min(1).max(256).optional() }).optional(),
});

export type RunSpec = z.output<typeof runSpecSchema>;
export type RunSpecInput = z.input<typeof runSpecSchema>;
export type InlineTask = z.output<typeof inlineTaskSchema>;
export type Corrections = z.output<typeof correctionsSchema>;
export type GreedyPolicySpec = z.output<typeof greedyPolicySchema>;

export type ParsedRunSpec =
  { readonly ok: true; readonly spec: RunSpec } | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Checks a spec and reports every problem with its JSON path; never throws. */
export function parseRunSpec(input: unknown): ParsedRunSpec {
  const parsed = runSpecSchema.safeParse(input);
  if (parsed.success) return { ok: true, spec: parsed.data };
  return { ok: false, problems: inputProblems(parsed.error) };
}

/** Number of expansions a run makes at once: as asked for, else what the launching machine offers, else one. */
export function parallelOf(spec: RunSpec): number {
  return spec.parallel ?? spec.machineDefaults?.parallel ?? 1;
}
