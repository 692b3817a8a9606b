import { constants } from 'node:os';
import type { IsolationName } from './isolation';

/** How a process ended; `signal` is a name such as `SIGKILL`. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** bubblewrap and shells add this to the number of the signal that ended what they ran. */
const SIGNAL_STATUS = 128;

/** How the script itself ended, given how the command did that an isolation made of it. */
export function scriptExit(isolation: IsolationName, exit: ProcessExit): ProcessExit {
  if (isolation === 'process' || exit.exitCode === null) return exit;
  const signal = signalName(exit.exitCode - SIGNAL_STATUS);
  return signal === null ? exit : { exitCode: null, signal };
}

function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
