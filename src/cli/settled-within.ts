/**
 * Waits for a promise, but not longer than `limitMs` milliseconds; the work itself is not ended.
 *
 * @throws Error naming `what` when the time is up
 */
export async function settledWithin<Value>(limitMs: number, what: string, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not answer within ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
