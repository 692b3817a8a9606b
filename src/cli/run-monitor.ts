import { setTimeout as sleep } from 'node:timers/promises';
import type { Pause, PauseReason } from '../domain/run-files';
import { pauseInWords } from '../report/words';
import type { Progress } from '../workflows/messages';
import { resumeUpdate } from '../workflows/messages';
import type { CommandContext } from './command-context';
import type { LiveRuns } from './live-run';
import type { Heard, RunDisplay } from './live-view/run-display';
import type { ServerAnswer } from './live-view/server-facts';
import { askServer } from './live-view/server-facts';
import type { Session } from './session';
import { updateRun } from './update-run';
import type { WorkflowStatus } from './workflow-status';

/** Between two looks at the run's files, in milliseconds. */
const LOOK_MS = 500;

/** Looks at the files between two questions to the workflow: only it knows of pauses that no file could be written for. */
const LOOKS_PER_QUESTION = 4;

const QUESTION_PATIENCE_MS = 5000;

/** A person's pause is waited through; coppice's own is not, since somebody has to do something first. */
export type MonitorEnd = { readonly kind: 'paused'; readonly pause: Pause } | { readonly kind: 'aborted' };

export interface Monitoring {
  readonly context: CommandContext;
  readonly session: Session;
  readonly display: RunDisplay;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Waits through pauses that coppice made, too: the run tries again by itself. */
  readonly stay: boolean;
}

/** Shows a run's progress until it pauses itself or `signal` is aborted. */
export class RunMonitor {
  /** Reason of the pause that is waited through; null while there is none. */
  private waitsThrough: PauseReason | null = null;

  constructor(private readonly monitoring: Monitoring) {}

  /** Takes in what the run has done before, and says so. */
  async catchUp(): Promise<void> {
    this.monitoring.display.hear(heardOf(this.monitoring.runId, { kind: 'known', status: 'running', ...NOTHING }));
    await this.monitoring.display.catchUp();
  }

  /** A pause that coppice made is tried to be left: the cause may be mended. */
  async leaveOwnPause(): Promise<void> {
    const { context, session, runId, signal } = this.monitoring;
    const progress = await this.askUntilAnswered();
    if (progress?.pause == null || signal.aborted) return;
    if (progress.pause.reason === 'person') {
      this.noteWaiting(progress.pause);
      return;
    }
    context.print(`it had paused (${progress.pause.message}); trying again`);
    await updateRun(session, runId, (handle) => handle.executeUpdate(resumeUpdate));
  }

  async watch(): Promise<MonitorEnd> {
    const { signal, display } = this.monitoring;
    for (let round = 1; !signal.aborted; round += 1) {
      await display.look();
      if (round % LOOKS_PER_QUESTION === 0) {
        const pause = this.notePause(await this.ask());
        if (pause !== null) return { kind: 'paused', pause };
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    return { kind: 'aborted' };
  }

  /** Shows the run as it was left; nothing is shown after it. */
  async lookLast(status: WorkflowStatus | null): Promise<void> {
    const { display, runId } = this.monitoring;
    if (status !== null) display.hear(heardOf(runId, { kind: 'known', status, ...NOTHING }));
    await display.look();
    display.close();
  }

  /** The pause that ends the monitoring, or null. */
  private notePause(progress: Progress | null): Pause | null {
    if (progress === null) return null;
    const { pause } = progress;
    if (pause !== null && pause.reason !== 'person' && !this.monitoring.stay) return pause;
    if (pause !== null) this.noteWaiting(pause);
    else if (this.waitsThrough !== null) this.noteResumed();
    return null;
  }

  private noteWaiting(pause: Pause): void {
    const { context, runId } = this.monitoring;
    if (this.waitsThrough !== pause.reason) {
      const goesOn =
        pause.reason === 'person'
          ? `waiting until it is resumed with \`coppice resume ${runId}\``
          : `trying again every few minutes; \`coppice resume ${runId}\` does so at once`;
      context.print(`${pauseInWords(pause)}; ${goesOn}`);
    }
    this.waitsThrough = pause.reason;
  }

  private noteResumed(): void {
    this.waitsThrough = null;
    this.monitoring.context.print('resumed');
  }

  private async askUntilAnswered(): Promise<Progress | null> {
    const { signal } = this.monitoring;
    for (;;) {
      const progress = await this.ask();
      if (progress !== null || signal.aborted) return progress;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Null when the workflow cannot answer now: the server may be away, or the run over. */
  private async ask(): Promise<Progress | null> {
    const { session, runId, display } = this.monitoring;
    const answer = await askServer(session, runId, QUESTION_PATIENCE_MS);
    display.hear(heardOf(runId, answer));
    return answer.kind === 'known' ? answer.progress : null;
  }
}

const NOTHING = { progress: null, pending: [] } as const;

function heardOf(runId: string, answer: ServerAnswer): Heard {
  const live: LiveRuns =
    answer.kind === 'known'
      ? { server: 'answers', statuses: new Map([[runId, answer.status]]) }
      : { server: 'unreachable', message: 'the server does not answer' };
  return { live, answer, notices: [] };
}
