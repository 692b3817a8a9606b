import { z } from 'zod';
import { directionSchema } from '../domain/direction';
import { evaluationKindSchema } from '../domain/evaluation';
import { failureReasonSchema } from '../domain/failure-reason';
import { markSchema } from '../domain/marks';
import { operatorSchema } from '../domain/operator';
import { previewSchema } from '../domain/preview';
import { purposeSchema } from '../domain/purpose';
import { pauseSchema, stopReasonSchema } from '../domain/run-files';
import { runSpecSchema } from '../domain/run-spec';
import { selectionOutcomeSchema } from '../domain/selection';
import { inferredSchema, taskSchema as settledTaskSchema } from '../domain/task';

/*
 * What the reading commands print with --json, as docs/json-output.md says. Keys may be added; none changes its meaning
 * or goes away.
 */

/**
 * - `running`: a server works on it
 * - `paused`: waits to be resumed
 * - `finished`, `cancelled`: over
 * - `interrupted`: unfinished and on no server; `coppice run` goes on with it
 * - `failed`, `terminated`: ended from outside or by an error; `coppice run` goes on with it
 */
export const runStateSchema = z.enum([
  'running',
  'paused',
  'finished',
  'cancelled',
  'interrupted',
  'failed',
  'terminated',
]);
export type RunState = z.infer<typeof runStateSchema>;

const bestSchema = z.strictObject({ id: z.int().min(1), metric: z.number() }).nullable();
const stepsSchema = z.strictObject({ done: z.int().min(0), total: z.int().min(1) });
const usageSchema = z.strictObject({
  calls: z.int().min(0),
  promptTokens: z.int().min(0),
  /** With the reasoning tokens. */
  completionTokens: z.int().min(0),
  cachedTokens: z.int().min(0),
  reasoningTokens: z.int().min(0),
  /** Null where no price is known. */
  costUsd: z.number().min(0).nullable(),
});

const taskSchema = z.strictObject({ name: z.string(), metric: z.string(), direction: directionSchema });

export const listJsonSchema = z.strictObject({
  runs: z.array(
    z.strictObject({
      runId: z.string(),
      state: runStateSchema,
      task: taskSchema,
      steps: stepsSchema,
      best: bestSchema,
      createdAt: z.string(),
    }),
  ),
});

const notesJsonSchema = z.strictObject({ scores: z.record(z.string(), z.number()), text: z.string() });

const hintSchema = z.strictObject({
  number: z.int().min(1),
  /** Null: for the whole run. */
  node: z.int().min(1).nullable(),
  text: z.string(),
});

export const statusJsonSchema = z.strictObject({
  runId: z.string(),
  state: runStateSchema,
  steps: stepsSchema,
  nodes: z.strictObject({ working: z.int().min(0), failed: z.int().min(0), inFlight: z.int().min(0) }),
  best: bestSchema,
  /** By role only what recorded nodes, digests and the story used. */
  usage: usageSchema.extend({ byRole: z.record(purposeSchema, usageSchema) }),
  /** What the rest takes if it goes on like this; null before the third node and when the run is over. */
  forecast: z
    .strictObject({
      steps: z.int().min(0),
      tokens: z.int().min(0),
      costUsd: z.number().min(0).nullable(),
      seconds: z.number().min(0),
    })
    .nullable(),
  elapsedSeconds: z.number().min(0),
  task: taskSchema,
  /** What its owner did not say of the task: what coppice takes it to be, and by what. */
  inferred: z.array(inferredSchema.strict()),
  offline: z.boolean(),
  /** Null until it is settled. */
  evaluation: z.strictObject({ kind: evaluationKindSchema, why: z.string() }).nullable(),
  /** Null before the final selection, and where there was none. */
  selection: selectionOutcomeSchema.strict().nullable(),
  /** Recorded nodes by what isolated their scripts. */
  isolation: z.strictObject({ bubblewrap: z.int().min(0), process: z.int().min(0) }),
  /** Whether withheld labels were out of every script's reach; null where nothing is withheld. */
  hidden: z.boolean().nullable(),
  pause: pauseSchema.strict().nullable(),
  stopReason: stopReasonSchema.nullable(),
  /** In force, in the order in which they were given. */
  hints: z.array(hintSchema),
  /** Nodes that a person pruned, each with all that descends from it. */
  pruned: z.array(z.int().min(1)),
  /** What a person noted about the best node. */
  notes: notesJsonSchema.nullable(),
  createdAt: z.string(),
  updatedAt: z.string().nullable(),
});
export type StatusJson = z.infer<typeof statusJsonSchema>;

const treeNodeSchema = z.strictObject({
  id: z.int().min(1),
  parent: z.int().min(1).nullable(),
  operator: operatorSchema,
  status: z.enum(['working', 'failed']),
  reason: failureReasonSchema.nullable(),
  metric: z.number().nullable(),
  startedAt: z.string(),
  scriptSeconds: z.number().min(0).nullable(),
  summary: z.string(),
  /** Standard error of `metric`; null where there is none. */
  standardError: z.number().nullable(),
  /** What the script itself reported. */
  reportedMetric: z.number().nullable(),
  /** From the final selection, for the nodes that it compared. */
  selectionScore: z.number().nullable(),
  marks: z.array(markSchema.strict()),
  isolation: z.enum(['bubblewrap', 'process']).nullable(),
  /** Whether a person pruned it, or a node that it descends from. */
  pruned: z.boolean(),
  /** What a person noted about it. */
  notes: notesJsonSchema.nullable(),
});

const inFlightNodeSchema = z.strictObject({
  id: z.int().min(1),
  parent: z.int().min(1).nullable(),
  operator: operatorSchema,
  stage: z.enum(['writing', 'executing', 'grading', 'reviewing', 'ended']),
  startedAt: z.string(),
  pruned: z.boolean(),
});

export const treeJsonSchema = z.strictObject({
  runId: z.string(),
  direction: directionSchema,
  nodes: z.array(treeNodeSchema),
  inFlight: z.array(inFlightNodeSchema),
});
export type TreeJson = z.infer<typeof treeJsonSchema>;

export const showJsonSchema = z.strictObject({
  runId: z.string(),
  /** With `status` when it is recorded, with `stage` while it is in flight. */
  node: z.union([treeNodeSchema, inFlightNodeSchema]),
  title: z.string().nullable(),
  message: z.string().nullable(),
  plan: z.string().nullable(),
  code: z.string().nullable(),
  /** At most 20,000 characters, the middle left out; `logs` has all that is kept. */
  output: z.string().nullable(),
  /** Texts of the hints that stood when it was decided. */
  hints: z.array(z.string()),
  review: z.strictObject({ verdict: z.enum(['sound', 'bug', 'unreviewed']), summary: z.string() }).nullable(),
  /** Where the node's files lie: absolute path. */
  directory: z.string(),
  /** Where its script's working directory was kept; null in runs without --keep. */
  kept: z.strictObject({ hostId: z.string(), directory: z.string() }).nullable(),
});

/** `hint RUN --json`: all that were given. */
export const hintsJsonSchema = z.strictObject({
  runId: z.string(),
  hints: z.array(
    hintSchema.extend({ givenAt: z.string(), /** Null while it is in force. */ withdrawnAt: z.string().nullable() }),
  ),
});

/** `inject RUN FILE --json`. */
export const injectJsonSchema = z.strictObject({
  runId: z.string(),
  /** What the script is in the tree from now on. */
  node: z.int().min(1),
});

/** `note RUN NODE --json`: all that is noted about the node now. */
export const noteJsonSchema = notesJsonSchema.extend({ runId: z.string(), node: z.int().min(1) });

export const logsJsonSchema = z.strictObject({
  runId: z.string(),
  node: z.int().min(1),
  /** Whether the script still runs, so that more may come. */
  running: z.boolean(),
  output: z.string(),
});

export const reportJsonSchema = z.strictObject({
  runId: z.string(),
  report: z.string(),
  /** Absolute paths of `report.md` and `tree.html`. */
  files: z.strictObject({ report: z.string(), tree: z.string() }),
});

export const doctorJsonSchema = z.strictObject({
  ok: z.boolean(),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      level: z.enum(['ok', 'warn', 'fail']),
      detail: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});
export type DoctorJson = z.infer<typeof doctorJsonSchema>;

/** `start --json`. */
export const startJsonSchema = z.strictObject({
  runId: z.string(),
  /** False when a run goes on, or is over. */
  isNew: z.boolean(),
  /** Of the Temporal server; null when the run is over, so that nothing was started. */
  address: z.string().nullable(),
});

const rangeSchema = z.strictObject({ low: z.number().min(0), high: z.number().min(0) });

export const dryRunJsonSchema = z.strictObject({
  /** `new`: it would be made; `unfinished`: it would go on; `over`: its result would be shown. */
  run: z.strictObject({ kind: z.enum(['new', 'unfinished', 'over']), runId: z.string() }),
  /** As docs/tasks.md describes it, with its defaults. */
  spec: runSpecSchema,
  task: settledTaskSchema,
  models: z.string(),
  evaluation: z.strictObject({ kind: evaluationKindSchema, why: z.string() }),
  /** First what scripts are isolated by, then what is to be known of it. */
  isolation: z.array(z.string()).min(1),
  preview: previewSchema,
  /** The first draft's. */
  prompt: z.strictObject({
    tokens: z.int().min(0),
    messages: z.array(z.strictObject({ role: z.string(), content: z.string() })),
  }),
  /** Tokens and US dollars of the whole search; null without a model. */
  estimate: z.strictObject({ tokens: rangeSchema, costUsd: rangeSchema.nullable() }).nullable(),
});
export type DryRunJson = z.infer<typeof dryRunJsonSchema>;
