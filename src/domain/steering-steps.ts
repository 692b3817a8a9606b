import type { InjectRequest, NoteRequest } from './steering';

/** Stores a hint before it is in force, or notes that it is withdrawn. On the main queue. */
export type HintInput = { readonly runId: string; readonly number: number } & (
  { readonly text: string; readonly node: number | null } | { readonly withdraw: true }
);

/** Stores a script that a person brought, before it is decided which node it becomes. On the main queue. */
export interface StoreInjectedInput {
  readonly runId: string;
  readonly number: number;
  readonly request: InjectRequest;
}

/** Makes a node of a stored script: plan, code and step as a model's answer would have left them. On the main queue. */
export interface InjectInput {
  readonly runId: string;
  readonly nodeId: number;
  /** Of the stored script; null in a replay, which takes plan and script from its source. */
  readonly number: number | null;
  readonly parent: number | null;
  /** How many nodes had been recorded when this node was placed; kept in `step.json`. */
  readonly decidedAfter: number;
}

/** Writes what a person noted about a node. On the main queue. */
export interface NoteInput {
  readonly runId: string;
  readonly note: NoteRequest;
}
