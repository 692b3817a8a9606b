import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ExtensionInput } from '../domain/extension';
import type { Pause } from '../domain/run-files';
import type { SelectionOutcome } from '../domain/selection';
import type {
  HintRequest,
  InjectRequest,
  NoteRequest,
  PauseRequest,
  PruneRequest,
  StopRequest,
} from '../domain/steering';
import type { HintInForce } from '../domain/steps';
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
  /** In the order in which they were given; their texts are in the store. */
  readonly hints: readonly HintInForce[];
  /** Nodes that a person pruned, each with all that descends from it. */
  readonly pruned: readonly number[];
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

/** Nothing new is dispatched; running scripts finish, or with `{"now": true}` end and run again after the pause. */
export const pauseUpdate = defineUpdate<Progress, [PauseRequest]>('pause');
/** Goes on after a pause, a person's or coppice's own. */
export const resumeUpdate = defineUpdate<Progress>('resume');
/** Ends running scripts, or with `{"drain": true}` waits for them; selects the best node and writes the report. */
export const stopUpdate = defineUpdate<Progress, [StopRequest]>('stop');
/** Adds steps, working time, tokens or money. */
export const extendUpdate = defineUpdate<Progress, [ExtensionInput]>('extend');
/** Gives a hint, or withdraws one: it stands in the prompts of every node decided meanwhile. */
export const hintUpdate = defineUpdate<{ readonly number: number }, [HintRequest]>('hint');
/** Makes a node of a person's script; the answer names it. */
export const injectUpdate = defineUpdate<{ readonly node: number }, [InjectRequest]>('inject');
/** Takes a node with all that descends from it out of selection and best. */
export const pruneUpdate = defineUpdate<Progress, [PruneRequest]>('prune');
/** Notes what a person found out about a node elsewhere. */
export const noteUpdate = defineUpdate<{ readonly node: number }, [NoteRequest]>('note');

export const progressQuery = defineQuery<Progress>('progress');
export const treeQuery = defineQuery<TreePage, [TreePageRequest?]>('tree');
export const nodeQuery = defineQuery<TreeNode | null, [number]>('node');
