import type { StateFile } from '../domain/run-files';
import type { RunState } from './json-output';
import type { LiveRuns } from './live-run';

/** Where a run stands: what its files say, corrected by what a live server knows. */
export function runStateOf(runId: string, file: StateFile | null, live: LiveRuns): RunState {
  const stored = file?.state ?? 'running';
  if (live.server === 'unreachable') return stored;
  const status = live.server === 'answers' ? live.statuses.get(runId) : undefined;
  switch (status) {
    case 'running':
      return stored === 'paused' ? 'paused' : 'running';
    case 'completed':
      return stored === 'cancelled' ? 'cancelled' : 'finished';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
    case 'terminated':
      return isOver(stored) ? stored : status;
    case undefined:
      return stored === 'running' ? 'interrupted' : stored;
  }
}

function isOver(state: StateFile['state']): boolean {
  return state === 'finished' || state === 'cancelled';
}
