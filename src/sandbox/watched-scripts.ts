/**
 * The scripts that this process watches, by their tokens, and those of them that it holds a permit of its worker for.
 * A script may be watched twice at a time: before the server notices that it lost the first watcher.
 */
export class WatchedScripts {
  private readonly watchers = new Map<string, number>();
  private readonly permits = new Map<string, number>();

  /** Counts the script as watched while `body` lasts; with a permit when the step came by the queue of all hosts. */
  async during<Result>(token: string, hasPermit: boolean, body: () => Promise<Result>): Promise<Result> {
    const counts = hasPermit ? [this.watchers, this.permits] : [this.watchers];
    for (const count of counts) count.set(token, (count.get(token) ?? 0) + 1);
    try {
      return await body();
    } finally {
      for (const count of counts) decrease(count, token);
    }
  }

  isWatched(token: string): boolean {
    return this.watchers.has(token);
  }

  hasPermit(token: string): boolean {
    return this.permits.has(token);
  }
}

function decrease(count: Map<string, number>, token: string): void {
  const left = (count.get(token) ?? 0) - 1;
  if (left > 0) count.set(token, left);
  else count.delete(token);
}
