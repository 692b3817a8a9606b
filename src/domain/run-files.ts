import { z } from 'zod';
import { FILE_FORMAT } from './file-format';
import { runSpecSchema } from './run-spec';
import { resolvedModelsSchema } from './resolved-model';
import { selectionOutcomeSchema } from './selection';
import { taskSchema } from './task';
import { usageSchema } from './usage';

/** `run.json`: what was asked for and what it was resolved to; written at the start, never by scripts. */
export const runFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  runId: z.string(),
  /** As asked for, with the task's path made absolute; what a later start under the same id is compared with. */
  request: runSpecSchema,
  seed: z.int().min(0),
  parallel: z.int().min(1),
  task: taskSchema,
  models: resolvedModelsSchema,
  versions: z.object({
    coppice: z.string(),
    node: z.string(),
    python: z.string(),
    packages: z.record(z.string(), z.string()),
    /** Absent in runs of an earlier coppice. */
    temporal: z.object({ sdk: z.string(), cli: z.string().nullable() }).exactOptional(),
    /** Names the pinned Python environment by its packages: scripts of the run stay with it. */
    environment: z.string().exactOptional(),
  }),
  /** What one script gets of the machine that opened the run; other workers' machines may give more or less. */
  machine: z.object({ cores: z.int().min(1), memoryBytes: z.number().min(0) }).exactOptional(),
  createdAt: z.string(),
});
export type RunFile = z.infer<typeof runFileSchema>;

/** `environment.json`: what the task's own interpreter or requirements came to; absent in the pinned environment. */
export const environmentFileSchema = z.object({
  python: z.string(),
  /** Packages really installed, with their versions. */
  packages: z.record(z.string(), z.string()),
  /** SHA-256 of the requirements with all that they refer to; null without requirements. */
  requirementsHash: z.string().nullable(),
});
export type EnvironmentFile = z.infer<typeof environmentFileSchema>;

export const stopReasonSchema = z.enum([
  'steps',
  'time',
  'target',
  'patience',
  'tokens',
  'cost',
  'stopped',
  'cancelled',
]);
export type StopReason = z.infer<typeof stopReasonSchema>;

export const pauseReasonSchema = z.enum([
  'person',
  'model_key',
  'model_quota',
  'model_rejected',
  'model_unreachable',
  'model_no_worker',
  'disk_full',
  'disk_limit',
  'store_unavailable',
  'python_unavailable',
  'isolation_unavailable',
  'environment_failed',
  'data_changed',
  'grading_failed',
  'no_grade_worker',
  'machinery',
]);
export type PauseReason = z.infer<typeof pauseReasonSchema>;

/** Why a run stands still, in words for its owner. */
export const pauseSchema = z.object({ reason: pauseReasonSchema, message: z.string() });
export type Pause = z.infer<typeof pauseSchema>;

/** `state.json`: where the run stands, for readers without a server; rewritten by publish, pause and report. */
export const stateFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  state: z.enum(['running', 'paused', 'finished', 'cancelled']),
  pause: pauseSchema.nullable(),
  stopReason: stopReasonSchema.nullable(),
  /** Nodes that a person pruned, each with all that descends from it. */
  pruned: z.array(z.int().min(1)).default([]),
  /** Totals with extensions. */
  stepsTotal: z.int().min(1),
  extendedSteps: z.int().min(0),
  extendedSeconds: z.number().min(0),
  extendedTokens: z.int().min(0).default(0),
  extendedCostUsd: z.number().min(0).default(0),
  extendedDiskBytes: z.number().min(0).default(0),
  /** Nodes that had been recorded when the run, having been over, was extended; 0 for one that never was. */
  wentOnAfter: z.int().min(0).default(0),
  nodes: z.object({ working: z.int().min(0), failed: z.int().min(0), inFlight: z.int().min(0) }),
  best: z.object({ id: z.int().min(1), metric: z.number() }).nullable(),
  selection: selectionOutcomeSchema.nullable().default(null),
  usage: usageSchema,
  elapsedSeconds: z.number().min(0),
  updatedAt: z.string(),
});
export type StateFile = z.infer<typeof stateFileSchema>;
