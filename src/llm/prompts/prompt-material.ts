import type { EvaluationKind } from '../../domain/evaluation';
import type { FailureReason } from '../../domain/failure-reason';
import type { Operator } from '../../domain/operator';
import type { Preview } from '../../domain/preview';
import type { Task } from '../../domain/task';

/** What does not change during a run; it opens every prompt, so that providers can cache it. */
export interface RunMaterial {
  readonly task: Task;
  /** Where scores come from. */
  readonly evaluation: EvaluationKind;
  /** Version of Python, and the packages really installed with theirs. */
  readonly python: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Longest a script may run, in seconds. */
  readonly scriptLimitSeconds: number;
  readonly preview: Preview;
}

/** One earlier node, as a prompt speaks of it. */
export interface RememberedNode {
  readonly id: number;
  readonly operator: Operator;
  readonly parent: number | null;
  readonly status: 'working' | 'failed' | 'in_flight';
  readonly metric: number | null;
  readonly reason: FailureReason | null;
  /** First line of the plan. */
  readonly title: string;
  readonly summary: string;
}

/** The node that is improved or debugged. */
export interface ParentMaterial {
  readonly id: number;
  readonly plan: string;
  readonly code: string;
  readonly metric: number | null;
  readonly reason: FailureReason | null;
  readonly message: string;
  readonly summary: string;
  /** The script's whole stored output; the prompt takes what fits. */
  readonly output: string;
}

/** All that goes into the prompt of a draft, an improvement or a repair. */
export interface PromptMaterial {
  readonly run: RunMaterial;
  /** The most valuable first; what does not fit is left out from the end. */
  readonly memory: readonly RememberedNode[];
  readonly stepsDone: number;
  readonly stepsTotal: number;
  /** Working time that is left, in seconds; null without a limit. */
  readonly secondsLeft: number | null;
}

/** All that goes into the prompt of a review. */
export interface ReviewMaterial {
  readonly run: Pick<RunMaterial, 'task' | 'evaluation'>;
  readonly plan: string;
  readonly code: string;
  readonly output: string;
  readonly status: 'ok' | 'failed';
  /** The node's score, from wherever scores come. */
  readonly metric: number | null;
  readonly reason: FailureReason | null;
  readonly message: string;
  readonly scriptSeconds: number;
}
