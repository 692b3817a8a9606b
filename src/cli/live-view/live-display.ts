import type { RunView } from '../../report/run-view';
import { pauseInWords } from '../../report/words';
import type { Redactor } from '../../store/redaction/redactor';
import type { ArtifactStore } from '../../store/artifact-store';
import { runStateOf } from '../run-state';
import { readDoings } from './doings';
import type { FrameModel } from './frame-model';
import type { LiveScreen } from './live-screen';
import { renderFrame } from './render-frame';
import type { Heard, RunDisplay } from './run-display';
import { NOTHING_HEARD } from './run-display';
import { RunTracker } from './run-tracker';

export interface Drawing {
  readonly store: ArtifactStore;
  readonly runId: string;
  readonly screen: LiveScreen;
  /** This machine, whose scripts' output can be read. */
  readonly hostId: string;
  /** Keeps secrets off the screen. */
  readonly redactor: Redactor;
}

/** Draws a frame at each look: for terminals. */
export class LiveDisplay implements RunDisplay {
  private readonly tracker: RunTracker;
  private heard: Heard = NOTHING_HEARD;
  private isClosed = false;

  constructor(private readonly drawing: Drawing) {
    this.tracker = new RunTracker(drawing.store, drawing.runId);
  }

  catchUp(): Promise<RunView | null> {
    return this.look();
  }

  async look(): Promise<RunView | null> {
    const { store, runId, screen, hostId, redactor } = this.drawing;
    const look = await this.tracker.look();
    if (look === null) {
      this.draw(() => [`${runId}: being prepared`]);
      return null;
    }
    const { view } = look;
    const { answer } = this.heard;
    const state = runStateOf(runId, view.state, this.heard.live);
    const isOver = state !== 'running' && state !== 'paused' && state !== 'interrupted';
    const pending = answer.kind === 'known' ? answer.pending : [];
    const model: FrameModel = {
      view,
      state,
      phase: isOver ? null : phaseOf(this.heard),
      doings: isOver ? [] : await readDoings(view, { store, hostId, pending, redactor }),
      notices: isOver ? [] : noticesOf(view, this.heard),
      now: Date.now(),
    };
    this.draw((size) => renderFrame(model, { ...size, coloured: screen.coloured }));
    return view;
  }

  hear(heard: Heard): void {
    this.heard = heard;
  }

  close(): void {
    this.isClosed = true;
    this.drawing.screen.close();
  }

  private draw(frame: Parameters<LiveScreen['show']>[0]): void {
    if (!this.isClosed) this.drawing.screen.show(frame);
  }
}

function phaseOf({ answer }: Heard): string | null {
  const state = answer.kind === 'known' ? answer.progress?.state : undefined;
  if (state === 'stopping') return 'stopping';
  return state === 'selecting' ? 'final selection' : null;
}

function noticesOf(view: RunView, { answer, notices }: Heard): string[] {
  const progress = answer.kind === 'known' ? answer.progress : null;
  const stored = view.state?.state === 'paused' ? view.state.pause : null;
  const pause = progress === null ? stored : progress.pause;
  const pending = answer.kind === 'known' ? answer.pending : [];
  const troubles = pending.flatMap(({ name, attempt, failure }) =>
    failure === null ? [] : [`${name}, try ${attempt}: ${failure}`],
  );
  return [...(pause === null ? [] : [pauseInWords(pause)]), ...notices, ...new Set(troubles)];
}
