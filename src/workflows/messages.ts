import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ExtensionInput } from '../domain/extension';
import type { Pause } from '../domain/run-files';
import type { SelectionOutcome } from '../domain/selection';
import type { TreeNode } from '../domain/tree-columns';
import type { Usage } from '../domain/usage';

/** Where a run stands, from workflow state alone. */
export interface Progress {
  readonly runId: string;
  /** `selecting`: the search is over; the final selection is under way, or the story of the run is being told. */
  readonly state: 'running' | 'paused' | 'stopping' | 'selecting' | 'finished';
  readonly pause: Pause | null;
  readonly steps: { readonly done: number; readonly total: number };
  readonly nodes: { readonly working: number; readonly failed: number; readonly inFlight: number };
  /** The best node by its search score; the winner, once the final selection has one. */
  readonly best: { readonly id: number; readonly metric: number } | null;
  readonly selection: SelectionOutcome | null;
  readonly usage: Usage;
}

/** A part of the tree: `after` is the id of the last node already seen, 0 for the beginning. */
export interface TreePageRequest {
  readonly after?: number;
  /** At most 1,000, which is also the default. */
  readonly limit?: number;
}

export interface TreePage {
  readonly nodes: readonly TreeNode[];
  /** Pass as `after` for the next page; null at the end. */
  readonly next: number | null;
}

/** Nothing new is dispatched; running scripts finish. */
export const pauseUpdate = defineUpdate<Progress>('pause');
/** Goes on after a pause, a person's or coppice's own. */
export const resumeUpdate = defineUpdate<Progress>('resume');
/** Ends running scripts, selects the best node and writes the report. */
export const stopUpdate = defineUpdate<Progress>('stop');
/** Adds steps, working time, tokens or money. */
export const extendUpdate = defineUpdate<Progress, [ExtensionInput]>('extend');

export const progressQuery = defineQuery<Progress>('progress');
export const treeQuery = defineQuery<TreePage, [TreePageRequest?]>('tree');
export const nodeQuery = defineQuery<TreeNode | null, [number]>('node');
