import { z } from 'zod';
import { FILE_FORMAT } from './file-format';
import { pauseReasonSchema, stopReasonSchema } from './run-files';
import type { PauseReason, StopReason } from './run-files';
import type { NotifyEvent, NotifySpec } from './run-spec';
import { NOTIFY_EVENTS } from './run-spec';
import { usageSchema } from './usage';
import type { Usage } from './usage';

/** How a notice leaves coppice. */
export const NOTIFY_WAYS = ['command', 'webhook'] as const;
export type NotifyWay = (typeof NOTIFY_WAYS)[number];

/** How often a notice is tried. */
export const NOTIFY_TRIES = 3;

/** What the workflow knows when something happens to a run that somebody is to be told of. */
export interface NoticeFacts {
  readonly event: NotifyEvent;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
  readonly steps: { readonly done: number; readonly total: number };
  readonly nodes: { readonly working: number; readonly failed: number; readonly inFlight: number };
  readonly best: { readonly id: number; readonly metric: number } | null;
  readonly usage: Usage;
  readonly elapsedMs: number;
  /** Why the run paused; null for the other events. */
  readonly pauseReason: PauseReason | null;
  /** Why the run ended; null for the other events. */
  readonly stopReason: StopReason | null;
  /** The type of the failure that ended the run; null for the other events. */
  readonly failureType: string | null;
}

/** Tells of one event in one way. On the main queue. */
export interface NotifyInput extends NoticeFacts {
  readonly runId: string;
  readonly way: NotifyWay;
  readonly notify: NotifySpec;
  /** Whether the run's files are this run's own, so that they may be read and written. */
  readonly opened: boolean;
}

/**
 * What a command gets on its standard input, and a webhook as the body of a POST. Facts and numbers alone: no text that
 * a model or a script wrote, and no value of the data.
 */
export const noticeSchema = z.strictObject({
  event: z.enum(NOTIFY_EVENTS),
  runId: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** One line for people; chat services show it as it is. */
  text: z.string(),
  /** Name of the metric and its direction; null when the run failed before its task was read. */
  metric: z.string().nullable(),
  direction: z.enum(['minimize', 'maximize']).nullable(),
  steps: z.strictObject({ done: z.int().min(0), total: z.int().min(0) }),
  nodes: z.strictObject({ working: z.int().min(0), failed: z.int().min(0), inFlight: z.int().min(0) }),
  best: z.strictObject({ id: z.int().min(1), metric: z.number() }).nullable(),
  usage: usageSchema,
  elapsedSeconds: z.number().min(0),
  pauseReason: pauseReasonSchema.nullable(),
  stopReason: stopReasonSchema.nullable(),
  failureType: z.string().nullable(),
});
export type Notice = z.infer<typeof noticeSchema>;

/** `notices/<way>.json`: how telling of the run went, in one way. */
export const noticesFileSchema = z.object({
  format: z.literal(FILE_FORMAT),
  sent: z.int().min(0),
  failed: z.int().min(0),
  lastFailure: z.object({ event: z.enum(NOTIFY_EVENTS), at: z.string(), message: z.string() }).nullable(),
});
export type NoticesFile = z.infer<typeof noticesFileSchema>;
