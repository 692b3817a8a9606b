import type { Direction } from './direction';
import type { EvaluationKind } from './evaluation';
import type { FailureReason } from './failure-reason';
import type { Mark } from './marks';
import type { ModelOperator, Operator } from './operator';
import type { ModelRoutes } from './resolved-model';
import type { Pause, StopReason } from './run-files';
import type { RunSpec } from './run-spec';
import type { ScriptVariant } from './script-variant';
import type { SelectionOutcome } from './selection';
import type { TreeColumns } from './tree-columns';
import type { Usage } from './usage';

/*
 * The contract between the workflow and its activities: small facts only. Prompts, code, outputs and data stay in
 * the artifact store under keys that both sides derive from run id and node id.
 */

/** Claims the run's directory, settles task, model and seed; rebuilds the state when the run's files exist. */
export interface OpenRunInput {
  readonly runId: string;
  readonly spec: RunSpec;
}

export interface OpenRunResult {
  readonly seed: number;
  readonly direction: Direction;
  readonly modelRoutes: ModelRoutes;
  /** Milliseconds the embedded server has been down in all its life; 0 on another server. */
  readonly serverDownMs: number;
  /** `auto`: the data may allow `holdout`; the `split` step settles it. */
  readonly evaluation: EvaluationKind | 'auto';
  /** Runs with other seeds of each of the best scripts in the final selection; `reported` only. */
  readonly reruns: number;
  /** Present when the run goes on from its files. */
  readonly recovered: RecoveredRun | null;
  /** Present when scripts of another run are run again: its recorded nodes, whose order replaces the policy. */
  readonly replayed: TreeColumns | null;
  /** Past either, the workflow drains and continues as new even when the server suggests nothing. */
  readonly drainAt: { readonly events: number; readonly bytes: number };
}

export interface RecoveredRun {
  readonly tree: TreeColumns;
  readonly completions: number;
  readonly usage: Usage;
  readonly elapsedMs: number;
  readonly extendedSteps: number;
  readonly extendedMs: number;
  readonly extendedTokens: number;
  readonly extendedCostUsd: number;
  readonly extendedDiskBytes: number;
  /** Completion number of the node that is best now; 0 when none works. For `patience`. */
  readonly bestCompletion: number;
  /** How long the best node's script took, in seconds; 0 when none works. For the time that is kept back. */
  readonly bestSeconds: number;
  /** The run had ended: it goes on only when it is extended. */
  readonly isOver: boolean;
  /** When the run was over before and went on: the nodes recorded then and the best score among them. */
  readonly wentOn: { readonly after: number; readonly metric: number | null } | null;
  /** The last digest that is stored; null when there is none. */
  readonly digest: number | null;
  /** Nodes recorded since that digest, or since the beginning when there is none; in the order of their records. */
  readonly sinceDigest: readonly number[];
  readonly hints: HintsState;
  readonly injections: RecoveredInjections;
  /** Nodes that a person pruned, each with all that descends from it. */
  readonly pruned: readonly number[];
}

/** The hints of a run, without their texts. */
export interface HintsState {
  /** Number of the last one given; 0 before the first. */
  readonly last: number;
  readonly inForce: readonly HintInForce[];
}

export interface HintInForce {
  readonly number: number;
  /** Null: for the whole run. */
  readonly node: number | null;
}

/** Scripts that people brought, as the files tell of them. */
export interface RecoveredInjections {
  /** Number of the last one; 0 before the first. */
  readonly last: number;
  /** Numbers of those whose nodes are in flight, by node. */
  readonly begun: readonly { readonly node: number; readonly number: number }[];
  /** Those that are no node yet. */
  readonly waiting: readonly { readonly number: number; readonly parent: number | null }[];
}

/** Looks anew at how this worker reaches the run's models, after a pause that had to do with them. */
export interface CheckModelsInput {
  readonly runId: string;
}

export interface CheckModelsResult {
  readonly modelRoutes: ModelRoutes;
}

/**
 * Settles how nodes are scored and, for `holdout`, withholds rows before anything else runs. On the grade queue. Doing
 * it again changes nothing.
 *
 * @throws ApplicationFailure `InvalidTask` when `holdout` was asked for by name and the data does not allow it
 */
export interface SplitInput {
  readonly runId: string;
}

export interface SplitResult {
  readonly evaluation: EvaluationKind;
  /** Whether the winner can run once more on the data as their owner has them. */
  readonly canRefit: boolean;
}

export interface PreviewInput {
  readonly runId: string;
}

/** Ids of nodes whose stored summaries the prompt may draw on; chosen by the workflow, bounded in number. */
export interface PromptContext {
  /** Other children of the same parent (other drafts for a draft), newest last; some may be in flight. */
  readonly siblings: readonly number[];
  /** The best working nodes, best first. */
  readonly best: readonly number[];
  /** Nodes recorded since the digest was written, newest last; the last ones when there is no digest. */
  readonly recent: readonly number[];
  /** Failed nodes worth knowing: of each reason the newest first of all; newest last. */
  readonly failed: readonly number[];
  /** Ancestors of the parent with the parent first, for a debug. */
  readonly ancestors: readonly number[];
  /** Those of all these that a person pruned: what was tried there is known, but nothing goes on from it. */
  readonly pruned: readonly number[];
}

/** Input of `draft`, `improve` and `debug`. */
export interface ProposeInput {
  readonly runId: string;
  readonly nodeId: number;
  readonly operator: ModelOperator;
  /** Null for a draft. */
  readonly parent: number | null;
  readonly context: PromptContext;
  /**
   * Numbers of the hints in force when the node was decided; null: those of the stored step, of a node that had begun
   * before the run was rebuilt from its files.
   */
  readonly hints: readonly number[] | null;
  /** Index into the operator's models in `run.json`. */
  readonly model: number;
  /** The digest to use; null when there is none yet. */
  readonly digest: number | null;
  /** Children that the parent already has (drafts for a draft), in flight or not: the more, the bolder the request. */
  readonly siblingsSoFar: number;
  readonly moneyLeft: MoneyLeft;
  /** Added to the run's cap on disk; absent in what older versions dispatched. */
  readonly extendedDiskBytes?: number;
  /** How many nodes had been recorded when this node was decided; kept in `step.json`. */
  readonly decidedAfter: number;
  readonly stepsDone: number;
  readonly stepsTotal: number;
  /** Working time left, in seconds; null without a limit. */
  readonly secondsLeft: number | null;
}

/** What the run's caps leave for further calls when a step is dispatched; null without a cap. */
export interface MoneyLeft {
  readonly tokens: number | null;
  readonly costUsd: number | null;
}

export type ProposeResult =
  | { readonly status: 'proposed'; readonly usage: Usage }
  | { readonly status: 'failed'; readonly reason: 'no_code' | 'model_refused'; readonly usage: Usage };

export interface ExecuteInput {
  readonly runId: string;
  readonly nodeId: number;
  readonly variant: ScriptVariant;
  /**
   * `anywhere`: takes over a script of the node that runs on this worker's host, else starts it anew there; the node is
   * then this host's. `here`: on a host's own queue: only goes on with what that host has, else says `gone`.
   */
  readonly place: 'anywhere' | 'here';
  /** With `here`: ends what that host has of the script, and says `gone`; a result that it had come to counts. */
  readonly ends?: true;
  /** Script limit of the spec, in milliseconds. */
  readonly limitMs: number;
  /** Working time the run has left at dispatch, in milliseconds; null without a limit. Queueing is not counted. */
  readonly budgetMs: number | null;
  /** Absolute end of the run (ISO 8601), or null. */
  readonly deadline: string | null;
  /** Whether the script has to report a score itself; its absence then fails the node. */
  readonly needsMetric: boolean;
  /** Added to the run's cap on disk; absent in what older versions dispatched. */
  readonly extendedDiskBytes?: number;
}

/** Where a script runs; details of the heartbeats of `execute` and of `ScriptDetached`. */
export interface ScriptPlace {
  readonly hostId: string;
  readonly nodeId: number;
  /** Last line of the script's output, for people. */
  readonly line: string;
}

export type ExecuteResult =
  | { readonly status: 'ok'; readonly metric: number | null; readonly seconds: number }
  | { readonly status: 'failed'; readonly reason: FailureReason }
  /** Only on a host's own queue: the host rebooted, or never had the script. Costs nothing. */
  | { readonly status: 'gone' };

/** Looks up which host a node's script was started on. On the main queue. */
export interface LocateInput {
  readonly runId: string;
  readonly nodeId: number;
  readonly variant: ScriptVariant;
}

export interface LocateResult {
  /** Null when it never started or its result is stored. */
  readonly hostId: string | null;
}

/** Scores a node's stored output in `holdout` and `command` evaluation. On the grade queue. */
export interface GradeInput {
  readonly runId: string;
  readonly nodeId: number;
}

export type GradeResult =
  { readonly status: 'ok'; readonly metric: number } | { readonly status: 'failed'; readonly reason: FailureReason };

/** Compares the best nodes on what was kept back, and writes `selection.json`. On the grade queue. */
export interface SelectInput {
  readonly runId: string;
  readonly evaluation: EvaluationKind;
  /** Best first by search score, with doubts that only the whole tree shows; the stored records hold the others. */
  readonly candidates: readonly { readonly id: number; readonly metric: number; readonly marks: readonly Mark[] }[];
  /** Variants `seed-1` to `seed-<reruns>` of each candidate were run before, as far as they worked. */
  readonly reruns: number;
}

export type SelectResult = SelectionOutcome;

export interface ReviewInput {
  readonly runId: string;
  readonly nodeId: number;
  /** Index into the reviewer's models in `run.json`. */
  readonly model: number;
  readonly moneyLeft: MoneyLeft;
}

export interface ReviewResult {
  readonly verdict: 'sound' | 'bug' | 'unreviewed';
  readonly usage: Usage;
}

/** Renews the digest: sums up what was recorded since the one before. */
export interface DigestInput {
  readonly runId: string;
  /** Nodes recorded so far; names the digest. */
  readonly upTo: number;
  /** The digest to go on from; null for the first. */
  readonly previous: number | null;
  /** The nodes to add, in the order of their records. */
  readonly nodes: readonly number[];
  /** Index into the models for `digest` in `run.json`. */
  readonly model: number;
  readonly moneyLeft: MoneyLeft;
}

/** Has the story of the finished search told for the report. */
export interface SummarizeInput {
  readonly runId: string;
  readonly digest: number | null;
  /** Best nodes, best first, and those recorded last; a few. */
  readonly nodes: readonly number[];
  /** Index into the models for `report` in `run.json`. */
  readonly model: number;
  readonly moneyLeft: MoneyLeft;
}

/** `none`: no usable answer came, or there was no money left for one. */
export interface WriteResult {
  readonly status: 'written' | 'none';
  readonly usage: Usage;
}

/** What the run's files should say of the whole run after this step. */
export interface RunSnapshot {
  readonly stepsTotal: number;
  readonly extendedSteps: number;
  readonly extendedMs: number;
  readonly extendedTokens: number;
  readonly extendedCostUsd: number;
  readonly extendedDiskBytes: number;
  readonly working: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly best: { readonly id: number; readonly metric: number } | null;
  /** What the final selection came to; null before it, and without one. */
  readonly selection: SelectionOutcome | null;
  readonly usage: Usage;
  readonly elapsedMs: number;
  /** Nodes that had been recorded when the run, having been over, went on; 0 for one that never was. */
  readonly wentOnAfter: number;
  /** Nodes that a person pruned, each with all that descends from it. */
  readonly pruned: readonly number[];
}

export interface PublishInput {
  readonly runId: string;
  readonly nodeId: number;
  readonly operator: Operator;
  readonly parent: number | null;
  readonly status: 'working' | 'failed';
  readonly reason: FailureReason | null;
  readonly metric: number | null;
  /** Doubts that come from the tree as a whole or from the reviewer; the step finds others in script and predictions. */
  readonly marks: readonly Mark[];
  readonly completion: number;
  readonly snapshot: RunSnapshot;
}

export interface PublishResult {
  readonly serverDownMs: number;
  /** Set when a script changed the data that it was given: the run pauses and names the node. */
  readonly dataChanged: string | null;
}

/** Writes `state.json` when the run pauses, resumes or is extended, and tells how long the server was down. */
export interface SaveStateInput {
  readonly runId: string;
  readonly pause: Pause | null;
  /** Whether the link to the best is to follow the snapshot; else that is left to the next record. */
  readonly relink: boolean;
  readonly snapshot: RunSnapshot;
}

export interface SaveStateResult {
  readonly serverDownMs: number;
}

export interface ReportInput {
  readonly runId: string;
  /** The winner's run on all the data, when there was one: its files then are the run's answer. */
  readonly refit: ExecuteResult | null;
  readonly stopReason: StopReason;
  readonly snapshot: RunSnapshot;
}

export interface ReportResult {
  /** Store keys of what was written. */
  readonly artifacts: readonly string[];
  /** Everything that model calls used, from the run's files; also of nodes that were never recorded. */
  readonly usage: Usage;
}

/** The result of the workflow `treeSearch`. */
export interface RunResult {
  readonly runId: string;
  readonly stopReason: StopReason;
  readonly best: { readonly id: number; readonly metric: number } | null;
  readonly selection: SelectionOutcome | null;
  readonly nodes: { readonly working: number; readonly failed: number };
  readonly usage: Usage;
  readonly elapsedSeconds: number;
  readonly artifacts: readonly string[];
}
