import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier, WorkerTuner } from '@temporalio/worker';

/** How often a worker without a free slot looks again, in milliseconds. */
const LOOK_MS = 500;

/** What the slots of this host's scripts are counted from. */
export interface ScriptSlots {
  /** Scripts that run at once on this host. */
  readonly slots: number;
  /**
   * Counts the scripts that run here without a permit of this process: survivors of an earlier worker until they end,
   * also when this one watches them, and those of other workers of the same home.
   */
  readonly countOthers: () => Promise<number>;
}

/**
 * Hands out permits for new scripts only as far as scripts that run already leave slots free, so that a worker takes no
 * work that its host could not begin.
 */
export function scriptSlotSupplier({ slots, countOthers }: ScriptSlots): CustomSlotSupplier<ActivitySlotInfo> {
  let permits = 0;
  return {
    type: 'custom',
    reserveSlot: async (_context, signal) => {
      for (;;) {
        signal.throwIfAborted();
        // No answer is as good as a full house: the disk that holds the answer holds the scripts, too.
        const others = await countOthers().catch(() => slots);
        // From here to the return nothing else runs, so that two callers cannot take the same slot.
        signal.throwIfAborted();
        if (permits + others < slots) {
          permits += 1;
          return {};
        }
        await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      }
    },
    // Scripts are never dispatched eagerly: their queue is not the workflow's.
    tryReserveSlot: () => null,
    markSlotUsed: () => undefined,
    releaseSlot: () => {
      permits -= 1;
    },
  };
}

/** What makes a worker take activities by these slots; the kinds of work that it has none of get the least possible. */
export function scriptTuner(scripts: ScriptSlots): WorkerTuner {
  const none = { type: 'fixed-size', numSlots: 1 } as const;
  return {
    workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 2 },
    activityTaskSlotSupplier: scriptSlotSupplier(scripts),
    localActivityTaskSlotSupplier: none,
    nexusTaskSlotSupplier: none,
  };
}
