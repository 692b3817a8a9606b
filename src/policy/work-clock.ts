/** What of a clock crosses continue-as-new; milliseconds. */
export interface WorkClockState {
  readonly workedMs: number;
  readonly serverDownMs: number;
}

/**
 * Counts the time in which a run could work: neither pauses nor the time its server was down. It never reads a clock
 * itself: the time is passed in, and the server's total down time is learned from activities.
 */
export class WorkClock {
  private workedMs: number;
  private serverDownMs: number;
  private runningSince: number | null = null;

  constructor(state: WorkClockState) {
    this.workedMs = state.workedMs;
    this.serverDownMs = state.serverDownMs;
  }

  start(now: number): void {
    this.runningSince ??= now;
  }

  stop(now: number): void {
    this.workedMs = this.elapsedMs(now);
    this.runningSince = null;
  }

  elapsedMs(now: number): number {
    return this.workedMs + (this.runningSince === null ? 0 : Math.max(0, now - this.runningSince));
  }

  /** Takes the server's down time so far; what is new of it is not counted as work, unless the clock stood anyway. */
  learnServerDown(totalMs: number, now: number): void {
    const news = Math.max(0, totalMs - this.serverDownMs);
    this.serverDownMs = Math.max(this.serverDownMs, totalMs);
    if (this.runningSince === null || news === 0) return;
    this.workedMs = Math.max(0, this.elapsedMs(now) - news);
    this.runningSince = now;
  }

  state(now: number): WorkClockState {
    return { workedMs: this.elapsedMs(now), serverDownMs: this.serverDownMs };
  }
}
