import { setTimeout as sleep } from 'node:timers/promises';
import type { Pause } from '../domain/run-files';
import { stateFileSchema } from '../domain/run-files';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import type { Progress } from '../workflows/messages';
import { progressQuery, resumeUpdate } from '../workflows/messages';
import type { CommandContext } from './command-context';
import type { RunRequest } from './request';
import { RunFollower } from './run-follower';
import type { Session } from './session';
import { updateRun } from './update-run';

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
  readonly request: RunRequest;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** Shows a run's progress until it pauses itself or `signal` is aborted. */
export class RunMonitor {
  private readonly follower: RunFollower;
  private isPausedByPerson = false;
  /** A fork has its first nodes before it is a run. */
  private waitsForFork: boolean;

  constructor(private readonly monitoring: Monitoring) {
    const { context, runId, request } = monitoring;
    this.waitsForFork = request.spec.fork !== undefined;
    this.follower = new RunFollower({ store: context.store, runId, print: context.print });
  }

  /** Takes in what the run has done before, and says so. */
  async catchUp(): Promise<void> {
    const { context, runId } = this.monitoring;
    if (this.waitsForFork && !(await context.store.exists(runKeys(runId).run))) return;
    this.waitsForFork = false;
    await this.follower.catchUp(this.monitoring.request.task.direction);
    const { done, workingNodes } = this.follower;
    if (done > 0) {
      context.print(`${done} of its nodes are recorded already, ${workingNodes} of them working`);
    }
  }

  /** A pause that coppice made is tried to be left: the cause may be mended. */
  async leaveOwnPause(): Promise<void> {
    const { context, session, runId, signal } = this.monitoring;
    const progress = await this.askUntilAnswered();
    if (progress?.pause == null || signal.aborted) return;
    if (progress.pause.reason === 'person') {
      this.notePersonsPause(progress.pause);
      return;
    }
    context.print(`it had paused (${progress.pause.message}); trying again`);
    await updateRun(session, runId, (handle) => handle.executeUpdate(resumeUpdate));
  }

  async watch(): Promise<MonitorEnd> {
    const { signal } = this.monitoring;
    for (let round = 1; !signal.aborted; round += 1) {
      await this.look();
      if (round % LOOKS_PER_QUESTION === 0) {
        const pause = this.notePause(await this.ask());
        if (pause !== null) return { kind: 'paused', pause };
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    return { kind: 'aborted' };
  }

  /** Tells of the nodes recorded since the last look. */
  async look(): Promise<void> {
    const { context, runId, request } = this.monitoring;
    const { task, spec } = request;
    if (this.waitsForFork) await this.catchUp();
    if (this.waitsForFork) return;
    const state = await readJson(context.store, runKeys(runId).state, stateFileSchema);
    await this.follower.look(task.direction, task.metric, state?.stepsTotal ?? spec.steps);
  }

  /** The pause that ends the monitoring, or null. */
  private notePause(progress: Progress | null): Pause | null {
    if (progress === null) return null;
    const { pause } = progress;
    if (pause !== null && pause.reason !== 'person') return pause;
    if (pause !== null) this.notePersonsPause(pause);
    else if (this.isPausedByPerson) this.noteResumed();
    return null;
  }

  private notePersonsPause(pause: Pause): void {
    const { context, runId } = this.monitoring;
    if (!this.isPausedByPerson) {
      context.print(`paused: ${pause.message}; waiting until it is resumed with \`coppice resume ${runId}\``);
    }
    this.isPausedByPerson = true;
  }

  private noteResumed(): void {
    this.isPausedByPerson = false;
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
    const { session, runId } = this.monitoring;
    const handle = session.client.workflow.getHandle(runId);
    try {
      return await session.client.withDeadline(Date.now() + QUESTION_PATIENCE_MS, () => handle.query(progressQuery));
    } catch {
      return null;
    }
  }
}
