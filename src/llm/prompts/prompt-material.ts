import type { EvaluationKind } from '../../domain/evaluation';
import type { FailureReason } from '../../domain/failure-reason';
import type { Lesson } from '../../domain/node-record';
import type { Operator } from '../../domain/operator';
import type { Preview } from '../../domain/preview';
import type { StopReason } from '../../domain/run-files';
import type { MoneyLeft } from '../../domain/steps';
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
  /** What one script gets of a machine, as far as it is known; sizes are bytes. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  readonly preview: Preview;
  /** Whether values of cells may be told. */
  readonly samples: boolean;
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
  /** What was learnt; null when the reviewer gave only a summary, or none came. */
  readonly lesson: Lesson | null;
  /** Of a failure: what went wrong, as coppice saw it. */
  readonly message: string;
  /** Whether the owner of the search took it out, with what descends from it. */
  readonly pruned?: boolean;
}

/** The node that is improved or debugged. */
export interface ParentMaterial {
  readonly id: number;
  readonly plan: string;
  readonly code: string;
  readonly metric: number | null;
  readonly reason: FailureReason | null;
  readonly message: string;
  /** What was learnt from it. */
  readonly lesson: string;
  /** The script's whole stored output; the prompt takes what fits. */
  readonly output: string;
}

/** All that goes into the prompt of a draft, an improvement or a repair. */
export interface ProposalMaterial {
  readonly run: RunMaterial;
  readonly parent: ParentMaterial | null;
  readonly digest: string;
  /** The most valuable first; what does not fit is left out from the end. */
  readonly memory: readonly RememberedNode[];
  /** Most tokens that `memory` takes. */
  readonly memoryTokens: number;
  readonly stepsDone: number;
  readonly stepsTotal: number;
  /** Working time that is left, in seconds; null without a limit. */
  readonly secondsLeft: number | null;
  readonly moneyLeft: MoneyLeft;
  /** Children that the parent already has, or drafts that there are. */
  readonly siblingsSoFar: number;
  /** What the run's owner said while it ran. */
  readonly hints: readonly string[];
}

/** All that goes into the prompt of a review. */
export interface ReviewMaterial {
  readonly task: Task;
  readonly evaluation: EvaluationKind;
  readonly plan: string;
  readonly code: string;
  readonly output: string;
  readonly status: 'ok' | 'failed';
  /** The node's score, from wherever scores come. */
  readonly metric: number | null;
  readonly reason: FailureReason | null;
  readonly message: string;
  readonly scriptSeconds: number;
  readonly parent: RememberedNode | null;
  /** The nearest working node that it goes back to; null when none of its ancestors works. */
  readonly origin: { readonly id: number; readonly code: string } | null;
  /** The best node besides the one under review. */
  readonly best: RememberedNode | null;
}

/** All that goes into the prompt for a digest. */
export interface DigestMaterial {
  readonly task: Task;
  /** The digest to go on from; empty for the first. */
  readonly digest: string;
  readonly nodes: readonly RememberedNode[];
  readonly best: RememberedNode | null;
}

/** All that goes into the prompt for the report's story. */
export interface StoryMaterial extends DigestMaterial {
  readonly working: number;
  readonly failed: number;
  readonly stopReason: StopReason | null;
}
