import { withinLimit } from '../within-limit';

/** Longest that a timer of Node's can wait; a longer one would come at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A call took too long; `what` says so in words that complete "the server gave no answer (…)". */
export class CallLimitError extends Error {
  constructor(readonly what: string) {
    super(what);
    this.name = 'CallLimitError';
  }
}

export interface CallLimits {
  /** Longest that the call may take, the reading of its answer included, in seconds. */
  readonly timeoutSeconds: number;
  /** Longest silence between two parts of an answer, in seconds; the wait for the first part does not count. */
  readonly silenceSeconds: number;
}

export function timerMilliseconds(seconds: number): number {
  return Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER_MS);
}

/**
 * Makes a call with a signal that ends it at either limit, or when `signal` does. `heard` is to be called at each part
 * of the answer.
 *
 * @throws CallLimitError at a limit, the reason of `signal` when that was aborted, else what `work` throws
 */
export async function withinCallLimits<Result>(
  signal: AbortSignal,
  { timeoutSeconds, silenceSeconds }: CallLimits,
  work: (limited: AbortSignal, heard: () => void) => Promise<Result>,
): Promise<Result> {
  return withinLimit(signal, timerMilliseconds(timeoutSeconds), async (limited) => {
    const controller = new AbortController();
    const forward = (): void => {
      const tooLong = new CallLimitError(`no whole answer within ${timeoutSeconds} s`);
      controller.abort(signal.aborted ? signal.reason : tooLong);
    };
    const giveUp = (): void => controller.abort(new CallLimitError(`silent for ${silenceSeconds} s`));
    const silence: { timer?: NodeJS.Timeout } = {};
    const heard = (): void => {
      silence.timer = silence.timer?.refresh() ?? setTimeout(giveUp, timerMilliseconds(silenceSeconds));
    };
    if (limited.aborted) forward();
    limited.addEventListener('abort', forward);
    try {
      return await work(controller.signal, heard);
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(silence.timer);
      limited.removeEventListener('abort', forward);
    }
  });
}
