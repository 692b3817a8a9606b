import type { FailureReason } from '../../src/domain/failure-reason';
import type { ModelSetting } from '../../src/domain/model-setting';
import type { PauseReason } from '../../src/domain/run-files';
import type { RuleInput } from '../scripted-model/rules';
import type { ScriptedModel, ScriptedModelSettings } from '../scripted-model/scripted-model';

/** Something that goes wrong between a run and its model, and what the run is to make of it. */
export interface Fault {
  /** Completes "a model server that …". */
  readonly name: string;
  /** What goes wrong with requests of this run; a rule without a node means its first draft. */
  readonly rules?: readonly RuleInput[];
  /** The run has a server of its own: for what clients learn about servers, and for servers that go away. */
  readonly ownServer?: ScriptedModelSettings;
  /** Limit on the requests to the own server. */
  readonly requestsPerMinute?: number;
  /** What the run's model setting says besides name and address. */
  readonly model?: Omit<ModelSetting, 'name' | 'baseUrl' | 'timeout' | 'silence'> & {
    readonly timeout?: string;
    readonly silence?: string;
  };
  /** The shared server stands by as second model. */
  readonly hasFallback?: boolean;
  /** Done to the server before the run starts; what it returns is done when the run has paused. */
  readonly prepare?: (server: ScriptedModel) => Promise<() => Promise<void>>;
  readonly expected: FaultOutcome;
}

export interface FaultOutcome {
  /**
   * Requests beyond those of a run that nothing happens to. One whose first node fails has no review of it, and no
   * words for a report on a single node.
   */
  readonly moreRequests: number;
  /** Why the run pauses; it is resumed at once. Default: it does not. */
  readonly pause?: PauseReason;
  /** Why the first node fails. Default: it works. */
  readonly failed?: FailureReason;
  /** The first node is recorded without a review. */
  readonly unreviewed?: true;
}

/** Where a fault strikes unless it says otherwise. */
const FIRST_DRAFT = { node: 1, purpose: 'draft' } as const;

/** One rule for the first sending of the first draft. */
export function once(action: RuleInput['action']): readonly RuleInput[] {
  return [{ ...FIRST_DRAFT, nth: 1, action }];
}

/** One rule for every sending of the first draft. */
export function always(action: RuleInput['action']): readonly RuleInput[] {
  return [{ ...FIRST_DRAFT, action }];
}

export const FIRST_REVIEW = { node: 1, purpose: 'review' } as const;
