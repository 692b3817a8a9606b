import { MOST_RECENT } from './prompt-context';

/** What of the digests crosses continue-as-new. */
export interface DigestPlanState {
  /** How many nodes had been recorded when the last digest was due; its name. Null when there is none. */
  readonly last: number | null;
  /** Nodes recorded since, in the order of their records. */
  readonly since: readonly number[];
  /** How many of them the next digest takes; 0: as many as usual. */
  readonly span: number;
  /** Records to wait for after one that failed. */
  readonly wait: number;
}

export const NO_DIGESTS: DigestPlanState = { last: null, since: [], span: 0, wait: 0 };

export interface DueDigest {
  readonly upTo: number;
  readonly previous: number | null;
  readonly nodes: readonly number[];
}

/** Records between a digest that could not be written and the next try. */
const RETRY_AFTER = 5;

/** Most nodes that one digest takes, as a multiple of the usual number: when no usable answer came for the one before. */
const MOST_SPANS = 3;

/** Most nodes that wait for their digest; the oldest go undigested after that. */
const MOST_WAITING = 2000;

/**
 * Says when a digest is due and of which nodes. It follows from the order of records alone, so that one that is asked
 * for again, by whatever is left of the run, is of the same nodes and finds its stored answers.
 */
export class DigestPlan {
  private lastWritten: number | null;
  private readonly waiting: number[];
  private span: number;
  private wait: number;

  /** @param every nodes for each digest; 0: none is ever due */
  constructor(
    private readonly every: number,
    state: DigestPlanState,
  ) {
    this.lastWritten = state.last;
    this.waiting = [...state.since];
    this.span = state.span === 0 ? every : state.span;
    this.wait = state.wait;
  }

  get last(): number | null {
    return this.lastWritten;
  }

  get since(): readonly number[] {
    return this.waiting;
  }

  record(node: number): void {
    this.waiting.push(node);
    this.wait = Math.max(0, this.wait - 1);
    const most = this.every === 0 ? MOST_RECENT : MOST_WAITING;
    if (this.waiting.length > most) this.waiting.shift();
  }

  /** @param completions how many nodes have been recorded */
  due(completions: number): DueDigest | null {
    if (this.every === 0 || this.wait > 0 || this.waiting.length < this.span) return null;
    const upTo = completions - this.waiting.length + this.span;
    return { upTo, previous: this.lastWritten, nodes: this.waiting.slice(0, this.span) };
  }

  written({ upTo, nodes }: DueDigest): void {
    this.lastWritten = upTo;
    this.waiting.splice(0, nodes.length);
    this.span = this.every;
  }

  /** No usable answer came, nor would for the same nodes: the next one takes more of them, or leaves out the oldest. */
  unusable(): void {
    this.span += this.every;
    if (this.span <= this.every * MOST_SPANS) return;
    this.span -= this.every;
    this.waiting.splice(0, this.every);
  }

  failed(): void {
    this.wait = RETRY_AFTER;
  }

  state(): DigestPlanState {
    return { last: this.lastWritten, since: this.waiting, span: this.span, wait: this.wait };
  }
}
