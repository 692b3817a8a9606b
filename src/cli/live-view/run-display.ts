import type { RunView } from '../../report/run-view';
import type { LiveRuns } from '../live-run';
import type { ServerAnswer } from './server-facts';

/** What was last heard of a run besides its files. */
export interface Heard {
  readonly live: LiveRuns;
  readonly answer: ServerAnswer;
  /** What its owner should know of the server and the workers. */
  readonly notices: readonly string[];
}

export const NOTHING_HEARD: Heard = {
  live: { server: 'unreachable', message: 'nobody was asked yet' },
  answer: { kind: 'silent' },
  notices: [],
};

/** Shows what a run does, look by look. */
export interface RunDisplay {
  /** Takes in what the run has done before. Null as long as there is no such run. */
  catchUp(): Promise<RunView | null>;
  /** Shows what is new. */
  look(): Promise<RunView | null>;
  /** Takes in what the server says; the next look shows it. */
  hear(heard: Heard): void;
  /** Leaves what is shown as it is; nothing is shown after it. */
  close(): void;
}
