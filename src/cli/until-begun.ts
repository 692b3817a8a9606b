import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from './command-context';
import { watchInterruption } from './interruption';
import { askLiveRuns } from './live-run';
import { findStoredRun, noSuchRun, waitsForWorker } from './require-run';

/** Between two looks whether a worker has taken the run up, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Waits until a run that the server has is taken up by a worker and has files.
 *
 * @returns false when the waiting was interrupted
 * @throws CommandFailure when neither the store nor the server has the run
 */
export async function untilBegun(context: CommandContext, runId: string): Promise<boolean> {
  if ((await findStoredRun(context, runId)) !== null) return true;
  const leaving = new AbortController();
  const interruption = watchInterruption(() => {
    leaving.abort();
  });
  try {
    for (let isTold = false; !leaving.signal.aborted; isTold = true) {
      const live = await askLiveRuns(context, runId);
      if ((await findStoredRun(context, runId)) !== null) return true;
      if (!waitsForWorker(runId, live)) throw noSuchRun(context, runId, live);
      if (!isTold) context.note(`coppice: run "${runId}" waits for a worker; start one with \`coppice worker\``);
      await sleep(LOOK_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
    }
    return false;
  } finally {
    interruption.end();
  }
}
