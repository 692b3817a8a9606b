import type { Direction } from '../domain/direction';
import type { EvaluationKind } from '../domain/evaluation';
import type { OpenRunResult } from '../domain/steps';
import type { DecisionColumns, TreeColumns } from '../domain/tree-columns';
import type { DigestPlanState } from '../policy/digest-plan';
import type { ModelRouterState } from '../policy/model-router';
import type { SpendingState } from '../policy/spending';
import type { WorkClockState } from '../policy/work-clock';
import type { ExtensionState } from './extension-state';
import type { PauseState } from './pause-state';
import type { SteeringState } from './steering-state';

/** A script that is under way: what of it crosses continue-as-new. */
export interface ExecutingNode {
  readonly id: number;
  /** How often it was dispatched to begin anew. */
  readonly begins: number;
  /** How often its supervisor was killed under it. */
  readonly supervisorsLost: number;
}

/** What one run of the chain hands to the next at continue-as-new; about 30 bytes a node. */
export interface CarriedState extends WorkClockState, ExtensionState, PauseState {
  readonly evaluation: EvaluationKind;
  readonly canRefit: boolean;
  readonly reruns: number;
  readonly openedAt: number;
  readonly bestSeconds: number;
  /** Scripts that run on meanwhile; the other nodes in flight are none: everything else is waited for. */
  readonly executing: readonly ExecutingNode[];
  readonly seed: number;
  readonly direction: Direction;
  readonly models: ModelRouterState;
  readonly spending: SpendingState;
  readonly digests: DigestPlanState;
  /** The decisions that a replay makes again; null when the policy decides. */
  readonly replayed: DecisionColumns | null;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly tree: TreeColumns;
  readonly pruned: readonly number[];
  readonly steering: SteeringState;
  readonly completions: number;
  readonly bestCompletion: number;
  readonly stopRequested: boolean;
  readonly draining: boolean;
}
