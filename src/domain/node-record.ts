import { z } from 'zod';
import { FILE_FORMAT } from './file-format';
import { failureReasonSchema } from './failure-reason';
import { markSchema } from './marks';
import { operatorSchema } from './operator';
import { scriptVariantSchema } from './script-variant';
import { NO_USAGE, usageSchema } from './usage';

/**
 * What a node is made from. A stored step is reused only when its identity equals the one asked for; else the
 * node's directory moves to `superseded/`.
 */
export const stepIdentitySchema = z.object({
  operator: operatorSchema,
  parent: z.int().min(1).nullable(),
  /** SHA-256 (hex) of the parent's `solution.py`; null for a draft. */
  parentCodeHash: z.string().nullable(),
  hints: z.array(z.string()),
  /** Number of the script that a person brought; only of `inject`. */
  injection: z.int().min(1).exactOptional(),
});
export type StepIdentity = z.infer<typeof stepIdentitySchema>;

/** `nodes/<id>/step.json`: written before the first model call of the node. */
export const stepFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  identity: stepIdentitySchema,
  /** How many nodes had been recorded when this node was decided. */
  decidedAfter: z.int().min(0),
  startedAt: z.string(),
});
export type StepFile = z.infer<typeof stepFileSchema>;

/** `nodes/<id>/proposal.json`: the outcome of draft, improve or debug (plan and code lie beside it). */
export const proposalFileSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('proposed'), codeHash: z.string(), usage: usageSchema }),
  z.object({
    status: z.literal('failed'),
    reason: z.enum(['no_code', 'model_refused']),
    message: z.string(),
    usage: usageSchema,
  }),
]);
export type ProposalFile = z.infer<typeof proposalFileSchema>;

/**
 * `nodes/<id>/process.json`: the attempt whose result counts. Whoever writes it last owns the node.
 */
export const processFileSchema = z.object({
  variant: scriptVariantSchema.default('node'),
  attempt: z.int().min(1),
  hostId: z.string(),
  bootId: z.string(),
  /** The supervisor; null until it has started. */
  pid: z.int().min(1).nullable(),
  /** Start time as the operating system counts it; with host, boot and pid it names one process for good. */
  startTime: z.string().nullable(),
  codeHash: z.string(),
  /** Random token in the environment of supervisor and script, by which also detached children are found. */
  token: z.string(),
  /** Absolute path of the attempt's directory on that host. */
  directory: z.string(),
  startedAt: z.string(),
});
export type ProcessFile = z.infer<typeof processFileSchema>;

/** `nodes/<id>/execution.json`: how the script's run ended. */
export const executionFileSchema = z.object({
  codeHash: z.string(),
  attempt: z.int().min(1),
  status: z.enum(['ok', 'failed']),
  reason: failureReasonSchema.nullable(),
  /** One or two sentences for people and for the next prompt: what went wrong, with numbers. Empty when ok. */
  message: z.string(),
  /** What the script itself reported; null when it reported nothing or failed. */
  metric: z.number().nullable(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** Seconds the script itself ran. */
  scriptSeconds: z.number().min(0),
  outputBytes: z.number().min(0),
  /** Most memory that the script's processes had at once, in bytes, as far as it was measured. */
  peakMemoryBytes: z.number().min(0).nullable(),
  /** What the script was isolated by, and its host. */
  isolation: z.enum(['bubblewrap', 'process']).nullable(),
  hostId: z.string(),
  submissionHash: z.string().nullable(),
  /** Absolute path of the script's working directory on that host, in runs that keep those. */
  keptAt: z.string().exactOptional(),
  startedAt: z.string(),
  finishedAt: z.string(),
});
export type ExecutionFile = z.infer<typeof executionFileSchema>;

/** What was learnt from a node, in a few words each; what later prompts carry of it. */
export const lessonSchema = z.object({
  /** The idea, in one sentence. */
  idea: z.string(),
  /** What changed against the parent; of a draft, what it is made of. */
  change: z.string(),
  /** How it ended: the score, or what failed. */
  result: z.string(),
  /** Its effect against the parent and against the best, and what follows from it. */
  lesson: z.string(),
});
export type Lesson = z.infer<typeof lessonSchema>;

/** `nodes/<id>/review.json`: the reviewer's words. `verdict` is `unreviewed` when no usable answer came. */
export const reviewFileSchema = z.object({
  codeHash: z.string(),
  verdict: z.enum(['sound', 'bug', 'unreviewed']),
  summary: z.string(),
  /** Null when the answer held only a summary, or none came. */
  lesson: lessonSchema.nullable().default(null),
  usage: usageSchema,
});
export type ReviewFile = z.infer<typeof reviewFileSchema>;

/** `nodes/<id>/node.json`: the truth about a finished node, written once by the publish step. */
export const nodeRecordSchema = z.object({
  format: z.literal(FILE_FORMAT),
  id: z.int().min(1),
  parent: z.int().min(1).nullable(),
  operator: operatorSchema,
  status: z.enum(['working', 'failed']),
  reason: failureReasonSchema.nullable(),
  metric: z.number().nullable(),
  /** First line of the plan, at most 200 characters. */
  title: z.string(),
  summary: z.string(),
  lesson: lessonSchema.nullable().default(null),
  message: z.string(),
  codeHash: z.string().nullable(),
  parentCodeHash: z.string().nullable(),
  /** How many nodes had been recorded when this node was decided. */
  decidedAfter: z.int().min(0),
  /** 1 for the first node recorded, 2 for the second: with `decidedAfter` it tells the order of all decisions. */
  completion: z.int().min(1),
  startedAt: z.string(),
  recordedAt: z.string(),
  scriptSeconds: z.number().min(0).nullable(),
  usage: usageSchema,
  /** The reviewer's share of `usage`. */
  reviewUsage: usageSchema.default(NO_USAGE),
  /** Working time of the run when the node was recorded, in seconds. */
  elapsedSeconds: z.number().min(0),
  /** What the script itself reported, shown beside a score that the grade worker made. */
  reportedMetric: z.number().nullable().default(null),
  standardError: z.number().nullable().default(null),
  isolation: z.enum(['bubblewrap', 'process']).nullable().default(null),
  marks: z.array(markSchema).default([]),
});
export type NodeRecord = z.infer<typeof nodeRecordSchema>;
