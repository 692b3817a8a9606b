import type { Isolation, WantedIsolation } from './isolation';
import { probeBubblewrap, type IsolationSetup } from './probe';
import { processIsolation } from './process';
import type { Refusal } from './refusal';
import { isolationUnavailable } from './unavailable';

/** What this host can isolate scripts by; found out once, when a worker starts. */
export interface Isolations {
  /** What `auto` takes. */
  readonly best: Isolation;
  /** Why that is not bubblewrap; null when it is. */
  readonly refusal: Refusal | null;
  /**
   * The isolation that a spec asks for.
   *
   * @throws ApplicationFailure of type `IsolationUnavailable` when it does not work here
   */
  choose(wanted: WantedIsolation): Isolation;
}

/**
 * Tries out what works on this host; takes about a second.
 *
 * @throws the system error when COPPICE_HOME cannot be written
 */
export async function openIsolations(setup: IsolationSetup): Promise<Isolations> {
  const probe = await probeBubblewrap(setup);
  const proved = probe.status === 'proved' ? probe.isolation : null;
  const refusal = probe.status === 'refused' ? probe.refusal : null;
  const best = proved ?? processIsolation;
  return {
    best,
    refusal,
    choose: (wanted) => {
      if (wanted === 'process') return processIsolation;
      if (wanted === 'auto' || refusal === null) return best;
      throw isolationUnavailable(`the run asks for bubblewrap, and ${refusal.reason}. ${refusal.fix}`);
    },
  };
}
