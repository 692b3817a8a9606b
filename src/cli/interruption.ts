import { ExitCode } from './exit-code';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptionSignal = (typeof SIGNALS)[number];

export interface Interruption {
  /** Null until a signal has come. */
  readonly signal: InterruptionSignal | null;
  /** Handles signals no more. */
  end(): void;
}

/** Calls `onFirst` at the first signal that ends processes; at a second one the process is gone at once. */
export function watchInterruption(onFirst: (signal: InterruptionSignal) => void): Interruption {
  let first: InterruptionSignal | null = null;
  const handle = (signal: InterruptionSignal): void => {
    if (first !== null) process.exit(ExitCode.interrupted);
    first = signal;
    onFirst(signal);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    get signal() {
      return first;
    },
    end: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
