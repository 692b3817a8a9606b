import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws of one decision; every decision has a stream of its own. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  chance(): number;
  /** One of the items, each as likely; null when there is none. */
  pick<Item>(items: readonly Item[]): Item | null;
}

/**
 * The stream of decision number `decision` of a run with this seed. It depends on nothing else, so a decision made
 * again (on replay, after a reset, on another machine) draws the same numbers.
 */
export function randomStream(seed: number, decision: number): RandomStream {
  const generator = xoroshiro128plus(mix(seed, decision));
  return {
    chance: () => uniformFloat64(generator),
    pick: (items) => (items.length === 0 ? null : (items[uniformInt(generator, 0, items.length - 1)] ?? null)),
  };
}

/** Spreads neighbouring decisions over the whole range of seeds (the finalizer of MurmurHash3, by A. Appleby). */
function mix(seed: number, decision: number): number {
  let hash = (seed ^ Math.imul(decision, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
