import { createHash } from 'node:crypto';

/** Draws that depend on the run's seed and the node's number alone. */
export interface Draws {
  /** One of the items, each as likely; null when there is none. */
  pick<Item>(items: readonly Item[]): Item | null;
}

export function drawsFor(seed: number, nodeId: number): Draws {
  let count = 0;
  return {
    pick: (items) => {
      count += 1;
      const digest = createHash('sha256').update(`${seed}/${nodeId}/${count}`).digest();
      return items[digest.readUInt32BE(0) % Math.max(1, items.length)] ?? null;
    },
  };
}
