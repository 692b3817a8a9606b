import type { Extension } from '../domain/extension';
import type { RunSpec } from '../domain/run-spec';
import type { MoneyLeft } from '../domain/steps';
import type { Usage } from '../domain/usage';
import { NO_USAGE, addUsage, totalTokens } from '../domain/usage';

/** What of a run's spending crosses continue-as-new. */
export interface SpendingState {
  readonly usage: Usage;
  readonly extendedTokens: number;
  readonly extendedCostUsd: number;
}

export const NOTHING_SPENT: SpendingState = { usage: NO_USAGE, extendedTokens: 0, extendedCostUsd: 0 };

/** A cap that is reached; also the reason for which the run then stops. */
export type ReachedCap = 'tokens' | 'cost';

/**
 * What the model calls of a run used, and what its caps leave. A call's price is known only when it has ended, so the
 * caps hold to within the calls that are under way when they are reached: one for each slot.
 */
export class Spending {
  private used: Usage;
  private extendedTokens: number;
  private extendedCostUsd: number;
  /** Set aside for a call that no slot makes. */
  private reserved = { tokens: 0, costUsd: 0 };

  constructor(
    private readonly caps: Pick<RunSpec['limits'], 'tokens' | 'cost'>,
    state: SpendingState,
  ) {
    this.used = state.usage;
    this.extendedTokens = state.extendedTokens;
    this.extendedCostUsd = state.extendedCostUsd;
  }

  get usage(): Usage {
    return this.used;
  }

  add(usage: Usage): void {
    this.used = addUsage(this.used, usage);
  }

  /** Takes what the run's files say in the end: they also know of calls whose step never came to a result. */
  settle(usage: Usage): void {
    this.used = usage;
  }

  extend({ tokens = 0, cost = 0 }: Pick<Extension, 'tokens' | 'cost'>): void {
    this.extendedTokens += tokens;
    this.extendedCostUsd += cost;
  }

  /** Sets aside what a call costs in the mean, for one that is made beside those of the slots. */
  reserveCall(): void {
    const calls = Math.max(1, this.used.calls);
    this.reserved = { tokens: totalTokens(this.used) / calls, costUsd: (this.used.costUsd ?? 0) / calls };
  }

  releaseCall(): void {
    this.reserved = { tokens: 0, costUsd: 0 };
  }

  /** Null without a cap. Where the price of a call was not known a cap on money leaves nothing: it could not be held. */
  get left(): MoneyLeft {
    const { tokens, cost } = this.caps;
    const { costUsd } = this.used;
    const unused = (cap: number, used: number): number => Math.max(0, cap - used);
    return {
      tokens:
        tokens === undefined
          ? null
          : Math.floor(unused(tokens + this.extendedTokens, totalTokens(this.used) + this.reserved.tokens)),
      costUsd:
        cost === undefined
          ? null
          : costUsd === null
            ? 0
            : unused(cost + this.extendedCostUsd, costUsd + this.reserved.costUsd),
    };
  }

  /** The cap that is reached, so that no further call may be made; null when there is none. */
  get reachedCap(): ReachedCap | null {
    const { tokens, costUsd } = this.left;
    if (tokens === 0) return 'tokens';
    return costUsd === 0 ? 'cost' : null;
  }

  /** What people added to the caps. */
  get extended(): Omit<SpendingState, 'usage'> {
    return { extendedTokens: this.extendedTokens, extendedCostUsd: this.extendedCostUsd };
  }

  state(): SpendingState {
    return { usage: this.used, ...this.extended };
  }
}
