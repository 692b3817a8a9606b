import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  TemporalFailure,
  condition,
  isCancellation,
  log,
} from '@temporalio/workflow';
import { isBetter } from '../domain/direction';
import type { NoticeFacts, NotifyWay } from '../domain/notice';
import type { Pause, StopReason } from '../domain/run-files';
import type { NotifyEvent, NotifySpec } from '../domain/run-spec';
import type { RunResult } from '../domain/steps';
import { progressOf } from './run-standing';
import type { RunState } from './run-state';
import { notifySteps } from './step-activities';

/** Longest that a run which is over waits until it is told of. */
const LAST_WAIT = '1m';

/**
 * Does a run's work and tells of it as its spec asks: of each new best, of pauses, and of the end. Nothing here delays
 * the search or fails the run; only its very end waits, for a bounded time, until it is told of.
 */
export async function notified(run: RunState, work: () => Promise<RunResult>): Promise<RunResult> {
  const { notify } = run.spec;
  if (notify === undefined) return work();
  const notices = new Notices(run, notify);
  notices.watch();
  try {
    const result = await work();
    await notices.end('finished', { stopReason: result.stopReason });
    return result;
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => notices.endWith(error));
    throw error;
  }
}

type Reasons = Partial<Pick<NoticeFacts, 'pauseReason' | 'stopReason' | 'failureType'>>;

/** What is still to be told, one notice at a time in the order of events. */
class Notices {
  private readonly waiting: NoticeFacts[] = [];
  private lastPause: { readonly reason: Pause['reason']; readonly completions: number } | null = null;

  constructor(
    private readonly run: RunState,
    private readonly notify: NotifySpec,
  ) {}

  /** Begins with what is known: a run that goes on does not tell again what was told before. */
  watch(): void {
    for (const loop of [this.watchPauses(), this.watchBest()]) loop.catch(() => undefined);
  }

  async end(event: 'finished' | 'failed', reasons: Reasons): Promise<void> {
    this.tell(event, reasons);
    if (!this.run.notifying) return;
    const isTold = await condition(() => !this.run.notifying, LAST_WAIT);
    if (!isTold) log.warn('the run ends before it could be told of', { event });
  }

  /** A defect of the workflow is no end of the run: its next deployment mends it. */
  async endWith(error: unknown): Promise<void> {
    if (isCancellation(error)) {
      const stopReason: StopReason = 'cancelled';
      await this.end('finished', { stopReason });
    } else if (error instanceof TemporalFailure) {
      await this.end('failed', { failureType: typeOf(error) });
    }
  }

  private async watchPauses(): Promise<never> {
    let known = this.run.pauses.current;
    for (;;) {
      await condition(() => this.run.pauses.current !== known);
      known = this.run.pauses.current;
      if (known !== null) this.tellPause(known);
    }
  }

  /** A cause that stays pauses the run every few minutes anew: it is told of once, until a node got through. */
  private tellPause({ reason }: Pause): void {
    const { completions } = this.run;
    if (this.lastPause?.reason === reason && this.lastPause.completions === completions) return;
    this.lastPause = { reason, completions };
    this.tell('paused', { pauseReason: reason });
  }

  private async watchBest(): Promise<never> {
    await condition(() => this.run.opened);
    let known = this.run.tree.best;
    for (;;) {
      await condition(() => this.run.tree.best?.id !== known?.id);
      const { best, direction } = this.run.tree;
      // When the best node is pruned another one takes its place, which is no better.
      const isNews = best !== null && (known === null || isBetter(best.metric, known.metric, direction));
      known = best;
      if (isNews) this.tell('new_best', {});
    }
  }

  /** What waits of the same kind is out of date. */
  private tell(event: NotifyEvent, reasons: Reasons): void {
    if (!this.notify.on.includes(event)) return;
    const same = this.waiting.findIndex((notice) => notice.event === event);
    if (same !== -1) this.waiting.splice(same, 1);
    this.waiting.push(this.facts(event, reasons));
    if (this.run.notifying) return;
    this.run.notifying = true;
    void CancellationScope.nonCancellable(() => this.sendAll());
  }

  private async sendAll(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const notice = next;
      await Promise.all(waysOf(this.notify).map((way) => this.send(notice, way)));
    }
    this.run.notifying = false;
  }

  private async send(facts: NoticeFacts, way: NotifyWay): Promise<void> {
    const { runId, opened } = this.run;
    try {
      await notifySteps.notify({ ...facts, runId, way, notify: this.notify, opened });
    } catch (error) {
      log.warn('nobody could be told', { event: facts.event, way, error });
    }
  }

  private facts(
    event: NotifyEvent,
    { pauseReason = null, stopReason = null, failureType = null }: Reasons,
  ): NoticeFacts {
    const { steps, nodes, best, usage } = progressOf(this.run);
    const now = Date.now();
    const elapsedMs = this.run.clock.elapsedMs(now);
    return { event, at: now, steps, nodes, best, usage, elapsedMs, pauseReason, stopReason, failureType };
  }
}

function waysOf({ command, webhook }: NotifySpec): NotifyWay[] {
  return [
    ...(command === undefined ? [] : ['command' as const]),
    ...(webhook === undefined ? [] : ['webhook' as const]),
  ];
}

function typeOf(error: TemporalFailure): string {
  if (error instanceof ApplicationFailure && error.type != null) return error.type;
  const { cause } = error;
  return cause instanceof ApplicationFailure && cause.type != null ? cause.type : error.name;
}
