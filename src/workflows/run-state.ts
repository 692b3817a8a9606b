import type { Direction } from '../domain/direction';
import type { Extension } from '../domain/extension';
import type { Pause } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import type { OpenRunResult, RunSnapshot } from '../domain/steps';
import type { TreeColumns } from '../domain/tree-columns';
import type { Usage } from '../domain/usage';
import { NO_USAGE, addUsage } from '../domain/usage';
import type { NodeOutcome } from '../policy/search-tree';
import { SearchTree } from '../policy/search-tree';
import { WorkClock } from '../policy/work-clock';
import type { Progress } from './messages';

/** What one run of the chain hands to the next at continue-as-new; about 30 bytes a node. */
export interface CarriedState {
  readonly seed: number;
  readonly direction: Direction;
  readonly modelEndpoint: string;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly tree: TreeColumns;
  readonly completions: number;
  readonly bestCompletion: number;
  readonly usage: Usage;
  readonly workedMs: number;
  readonly serverDownMs: number;
  readonly extendedSteps: number;
  readonly extendedMs: number;
  readonly pause: Pause | null;
  readonly stopRequested: boolean;
}

/** Everything a run knows; changed by the workflow alone. One object from the start, so that no update gets lost. */
export class RunState {
  /** Until the run is open its files may be another run's. */
  opened = false;
  tree: SearchTree;
  clock: WorkClock;
  seed: number;
  drainAt: OpenRunResult['drainAt'];
  modelEndpoint: string;
  completions: number;
  /** Value of `completions` when the best node was recorded; for `patience`. */
  bestCompletion: number;
  stopRequested: boolean;
  /** The working time or the deadline is over, with the server's down time taken into account. */
  timeUp = false;
  /** The search is over: steps that fail now are given up instead of waited for. */
  ending = false;
  finished = false;
  /** A node is being recorded; the next decision waits for it, so that it knows what the files know. */
  publishing = false;
  /** Pause or limits changed since `state.json` was written. */
  unsaved: boolean;
  private currentPause: Pause | null;
  private usage: Usage;
  private extendedSteps: number;
  private extendedMs: number;

  constructor(
    readonly runId: string,
    readonly spec: RunSpec,
    carried?: CarriedState,
  ) {
    this.opened = carried !== undefined;
    this.tree = new SearchTree(carried?.direction ?? 'minimize', carried?.tree);
    this.clock = new WorkClock(carried ?? { workedMs: 0, serverDownMs: 0 });
    this.seed = carried?.seed ?? 0;
    this.drainAt = carried?.drainAt ?? { events: Infinity, bytes: Infinity };
    this.modelEndpoint = carried?.modelEndpoint ?? '';
    this.completions = carried?.completions ?? 0;
    this.bestCompletion = carried?.bestCompletion ?? 0;
    this.stopRequested = carried?.stopRequested ?? false;
    this.currentPause = carried?.pause ?? null;
    this.usage = carried?.usage ?? NO_USAGE;
    this.extendedSteps = carried?.extendedSteps ?? 0;
    this.extendedMs = carried?.extendedMs ?? 0;
    this.unsaved = this.currentPause !== null;
  }

  /** Takes what opening the run found out; what people asked for meanwhile stays. */
  open(opened: OpenRunResult): void {
    const { recovered } = opened;
    this.opened = true;
    this.seed = opened.seed;
    this.drainAt = opened.drainAt;
    this.modelEndpoint = opened.modelEndpoint;
    this.tree = new SearchTree(opened.direction, recovered?.tree);
    this.clock = new WorkClock({ workedMs: recovered?.elapsedMs ?? 0, serverDownMs: opened.serverDownMs });
    this.completions = recovered?.completions ?? 0;
    this.bestCompletion = recovered?.bestCompletion ?? 0;
    this.usage = recovered?.usage ?? NO_USAGE;
    this.extendedSteps += recovered?.extendedSteps ?? 0;
    this.extendedMs += recovered?.extendedMs ?? 0;
  }

  get pause(): Pause | null {
    return this.currentPause;
  }

  get stepsTotal(): number {
    return this.spec.steps + this.extendedSteps;
  }

  get stepsDone(): number {
    const counts = this.tree.counts();
    return counts.working + counts.failed;
  }

  /** A person's pause stays what it is when coppice would pause, too. */
  pauseFor(pause: Pause, now: number): void {
    if (this.currentPause?.reason === 'person') return;
    this.currentPause = pause;
    this.clock.stop(now);
    this.unsaved = true;
  }

  resume(now: number): void {
    if (this.currentPause === null) return;
    this.currentPause = null;
    this.clock.start(now);
    this.unsaved = true;
  }

  extend(extension: Extension): void {
    this.extendedSteps += extension.steps ?? 0;
    this.extendedMs += (extension.time ?? 0) * 1000;
    this.unsaved = true;
  }

  addUsage(usage: Usage): void {
    this.usage = addUsage(this.usage, usage);
  }

  complete(id: number, outcome: NodeOutcome): void {
    const bestBefore = this.tree.best?.id;
    this.tree.complete(id, outcome);
    this.completions += 1;
    if (this.tree.best?.id !== bestBefore) this.bestCompletion = this.completions;
  }

  /** Milliseconds left until the deadline or, while the clock runs, of the working time; null without a limit. */
  timeLeftMs(now: number): number | null {
    const { time, deadline } = this.spec.limits;
    const left: number[] = [];
    if (time !== undefined && this.currentPause === null) {
      left.push(time * 1000 + this.extendedMs - this.clock.elapsedMs(now));
    }
    if (deadline !== undefined) left.push(Date.parse(deadline) - now);
    return left.length === 0 ? null : Math.max(0, Math.min(...left));
  }

  snapshot(now: number): RunSnapshot {
    return {
      stepsTotal: this.stepsTotal,
      extendedSteps: this.extendedSteps,
      extendedMs: this.extendedMs,
      ...this.tree.counts(),
      best: this.tree.best,
      selection: null,
      usage: this.usage,
      elapsedMs: this.clock.elapsedMs(now),
    };
  }

  progress(): Progress {
    return {
      runId: this.runId,
      state: this.lifeState(),
      pause: this.currentPause,
      steps: { done: this.stepsDone, total: this.stepsTotal },
      nodes: this.tree.counts(),
      best: this.tree.best,
      usage: this.usage,
    };
  }

  carried(now: number): CarriedState {
    return {
      ...this.clock.state(now),
      seed: this.seed,
      direction: this.tree.direction,
      drainAt: this.drainAt,
      modelEndpoint: this.modelEndpoint,
      tree: this.tree.toColumns(),
      completions: this.completions,
      bestCompletion: this.bestCompletion,
      usage: this.usage,
      extendedSteps: this.extendedSteps,
      extendedMs: this.extendedMs,
      pause: this.currentPause,
      stopRequested: this.stopRequested,
    };
  }

  private lifeState(): Progress['state'] {
    if (this.finished) return 'finished';
    if (this.stopRequested) return 'stopping';
    return this.currentPause === null ? 'running' : 'paused';
  }
}
