import type { Blame } from './blame';

/** A call under way in which the server refused something, without which it is made once more. */
export interface Trial {
  readonly blamed: readonly Blame[];
  /** The server's first refusal, which is the one to tell of when nothing that was left out made it answer. */
  readonly refusal: unknown;
}

/** Steps that were cancelled never come back for theirs. */
const MOST_KEPT = 1000;

/** Trials that go on with the next attempt of a step, by the name of the call. */
export class Trials {
  private readonly kept = new Map<string, Trial>();

  keep(call: string, trial: Trial): void {
    this.kept.set(call, trial);
    const oldest = this.kept.keys().next();
    if (this.kept.size > MOST_KEPT && oldest.done !== true) this.kept.delete(oldest.value);
  }

  /** Null when the call is made for the first time. */
  take(call: string): Trial | null {
    const trial = this.kept.get(call) ?? null;
    this.kept.delete(call);
    return trial;
  }
}
