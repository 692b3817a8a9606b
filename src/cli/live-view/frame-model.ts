import type { RunView } from '../../report/run-view';
import type { RunState } from '../json-output';

/** What one slot of a run does. */
export interface Doing {
  /** Null for work on the run as a whole. */
  readonly node: number | null;
  /** Such as `running the script`. */
  readonly words: string;
  /** Since when, in milliseconds since the epoch; null when it is not known. */
  readonly since: number | null;
  /** Last line of the script's output; empty for none. */
  readonly line: string;
}

/** All that a frame of the live view tells; rendering it reads nothing else, no clock either. */
export interface FrameModel {
  readonly view: RunView;
  readonly state: RunState;
  /** Finer than the state, such as `final selection`; null where there is nothing finer. */
  readonly phase: string | null;
  readonly doings: readonly Doing[];
  /** What its owner should know: why it stands still, that no worker polls, what is tried again. */
  readonly notices: readonly string[];
  /** When the frame is made, in milliseconds since the epoch. */
  readonly now: number;
}

/** The room for a frame. */
export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
  readonly coloured: boolean;
}
