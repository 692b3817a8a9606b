import type { Pause, PauseReason } from '../domain/run-files';

/** What of a pause crosses continue-as-new. */
export interface PauseState {
  readonly pause: Pause | null;
  readonly pausedNow: boolean;
}

export const NOT_PAUSED: PauseState = { pause: null, pausedNow: false };

const PAUSED: Pause = { reason: 'person', message: 'paused by a person' };
const PAUSED_NOW: Pause = { reason: 'person', message: 'paused by a person; its running scripts ended' };

/** Causes that do not go away by themselves: only a person's resume ends the pause. */
const FOR_A_PERSON: ReadonlySet<PauseReason> = new Set<PauseReason>(['person', 'data_changed']);

/** What holds a run up: one cause at a time, and a person's before any other. */
export class Pauses {
  private pause: Pause | null;
  private pausedNow: boolean;

  constructor({ pause, pausedNow }: PauseState) {
    this.pause = pause;
    this.pausedNow = pausedNow;
  }

  get current(): Pause | null {
    return this.pause;
  }

  /** Whether a person had the running scripts ended for the time of the pause. */
  get endsScripts(): boolean {
    return this.pausedNow;
  }

  get isByPerson(): boolean {
    return this.pause?.reason === 'person';
  }

  get waitsForPerson(): boolean {
    return this.pause !== null && FOR_A_PERSON.has(this.pause.reason);
  }

  /**
   * A pause that waits for a person stays what it is when coppice would pause for another cause, too.
   *
   * @returns whether the run is held up by this from now on
   */
  begin(pause: Pause): boolean {
    if (this.isByPerson || (this.waitsForPerson && pause.reason !== 'person')) return false;
    this.pause = pause;
    return true;
  }

  /**
   * Pauses for a person; with `now` running scripts end, too, also in a pause that began without.
   *
   * @returns like {@link begin}
   */
  beginByPerson(now: boolean): boolean {
    if (now && !this.pausedNow) {
      this.pausedNow = true;
      // Said anew, since a pause that was there already only waits for its scripts.
      this.pause = null;
    }
    return this.begin(this.pausedNow ? PAUSED_NOW : PAUSED);
  }

  /** @returns whether there was a pause to end */
  end(): boolean {
    const wasPaused = this.pause !== null;
    this.pause = null;
    this.pausedNow = false;
    return wasPaused;
  }

  state(): PauseState {
    return { pause: this.pause, pausedNow: this.pausedNow };
  }
}
