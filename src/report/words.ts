import type { NodeRecord } from '../domain/node-record';
import type { Pause, StateFile, StopReason } from '../domain/run-files';

const STOP_REASONS: Readonly<Record<StopReason, string>> = {
  steps: 'all steps were made',
  time: 'the time was used up',
  target: 'the target score was reached',
  patience: 'no improvement within the patience given',
  tokens: 'the tokens it may use were used up',
  cost: 'the money it may cost was used up',
  stopped: 'it was stopped by hand',
  cancelled: 'it was cancelled',
};

/** Why a run ended. */
export function stopReasonInWords(reason: StopReason): string {
  return STOP_REASONS[reason];
}

/** That a run is paused, and why; what a person's pause is for says so itself. */
export function pauseInWords({ reason, message }: Pause): string {
  return reason === 'person' ? message : `paused: ${message}`;
}

/** Where a run stands, as its own files tell. */
export function stateInWords(state: StateFile | null): string {
  if (state === null) return 'begun, nothing recorded yet';
  if (state.pause !== null && state.state === 'paused') return pauseInWords(state.pause);
  if (state.stopReason !== null) return `${state.state}: ${stopReasonInWords(state.stopReason)}`;
  return state.state;
}

/** What stands where the best would, when nothing works. */
export function noneInWords(state: StateFile | null): string {
  return state?.stopReason == null ? 'none yet' : 'none: no script worked';
}

/** How a node came to be: `draft`, `improve of 3`. */
export function originInWords(node: { readonly operator: string; readonly parent: number | null }): string {
  return node.parent === null ? node.operator : `${node.operator} of ${node.parent}`;
}

/** How a node ended, but for its score: `working`, `failed: timeout`. */
export function outcomeInWords(record: NodeRecord): string {
  return record.reason === null ? record.status : `${record.status}: ${record.reason}`;
}
