/**
 * Does `work` with a signal that is aborted when `signal` is, or after `limitMs` milliseconds.
 *
 * Made by hand, since Node 20 may collect an `AbortSignal.timeout` that was joined by `AbortSignal.any`, and the limit
 * with it, before it comes.
 */
export async function withinLimit<Result>(
  signal: AbortSignal,
  limitMs: number,
  work: (limited: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const forward = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(new DOMException('the time is up', 'TimeoutError')), limitMs);
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
