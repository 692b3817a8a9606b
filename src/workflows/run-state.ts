import type { Direction } from '../domain/direction';
import type { EvaluationKind } from '../domain/evaluation';
import type { Extension } from '../domain/extension';
import type { Pause, PauseReason } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import { parallelOf } from '../domain/run-spec';
import type { SelectionOutcome } from '../domain/selection';
import type { OpenRunResult, RunSnapshot } from '../domain/steps';
import type { DecisionColumns, TreeColumns } from '../domain/tree-columns';
import { NO_USAGE } from '../domain/usage';
import type { DigestPlanState } from '../policy/digest-plan';
import { DigestPlan, NO_DIGESTS } from '../policy/digest-plan';
import type { ModelRouterState } from '../policy/model-router';
import { ModelRouter, NO_MODELS } from '../policy/model-router';
import { ReplayedDecisions } from '../policy/replayed-decisions';
import type { BestNode, NodeOutcome } from '../policy/search-tree';
import { SearchTree } from '../policy/search-tree';
import { MOST_CANDIDATES } from '../policy/selection-candidates';
import { selectionReserveMs } from '../policy/selection-reserve';
import type { SpendingState } from '../policy/spending';
import { NOTHING_SPENT, Spending } from '../policy/spending';
import { WorkClock } from '../policy/work-clock';
import type { WentOn } from '../policy/went-on';
import { NEVER_OVER, reaches, wentOnAfter } from '../policy/went-on';
import type { Progress } from './messages';
import type { SteeringState } from './steering-state';
import { NOT_STEERED, Steering } from './steering-state';

/** A script that is under way: what of it crosses continue-as-new. */
export interface ExecutingNode {
  readonly id: number;
  /** How often it was dispatched to begin anew. */
  readonly begins: number;
  /** How often its supervisor was killed under it. */
  readonly supervisorsLost: number;
}

/** What one run of the chain hands to the next at continue-as-new; about 30 bytes a node. */
export interface CarriedState {
  readonly evaluation: EvaluationKind;
  readonly canRefit: boolean;
  readonly reruns: number;
  readonly openedAt: number;
  readonly bestSeconds: number;
  /** Scripts that run on meanwhile; the other nodes in flight are none: everything else is waited for. */
  readonly executing: readonly ExecutingNode[];
  readonly seed: number;
  readonly direction: Direction;
  readonly models: ModelRouterState;
  readonly spending: SpendingState;
  readonly digests: DigestPlanState;
  /** The decisions that a replay makes again; null when the policy decides. */
  readonly replayed: DecisionColumns | null;
  readonly drainAt: OpenRunResult['drainAt'];
  readonly tree: TreeColumns;
  readonly pruned: readonly number[];
  readonly steering: SteeringState;
  readonly completions: number;
  readonly bestCompletion: number;
  readonly workedMs: number;
  readonly serverDownMs: number;
  readonly extendedSteps: number;
  readonly extendedMs: number;
  readonly pause: Pause | null;
  readonly pausedNow: boolean;
  readonly stopRequested: boolean;
  readonly draining: boolean;
  readonly wentOn: WentOn;
}

const PAUSED: Pause = { reason: 'person', message: 'paused by a person' };
const PAUSED_NOW: Pause = { reason: 'person', message: 'paused by a person; its running scripts ended' };

/** Causes that do not go away by themselves: only a person's resume ends the pause. */
const FOR_A_PERSON: ReadonlySet<PauseReason> = new Set<PauseReason>(['person', 'data_changed']);

/** Everything a run knows; changed by the workflow alone. One object from the start, so that no update gets lost. */
export class RunState {
  /** Until the run is open its files may be another run's. */
  opened = false;
  tree: SearchTree;
  steering: Steering;
  clock: WorkClock;
  seed: number;
  drainAt: OpenRunResult['drainAt'];
  models: ModelRouter;
  spending: Spending;
  digests: DigestPlan;
  /** A finished run whose scripts are run again: its decisions replace the policy's. */
  replayed: ReplayedDecisions | null;
  /** Nodes that are decided, but wait because the run's caps leave nothing for a call. */
  readonly held = new Set<number>();
  evaluation: EvaluationKind;
  /** Whether the winner of the final selection runs once more, on all the data. */
  canRefit: boolean;
  /** Runs with other seeds of each candidate of the final selection. */
  reruns: number;
  /** Scripts that are under way and nothing else of their nodes: another run of the chain may take them over. */
  readonly scripts = new Map<number, ExecutingNode>();
  /** Scripts that the previous run of the chain left running. */
  readonly leftRunning: readonly ExecutingNode[];
  /** The run was rebuilt from its files, so scripts of it may run that this chain never started. */
  rebuilt = false;
  /** What the final selection came to. */
  selection: SelectionOutcome | null = null;
  completions: number;
  /** Value of `completions` when the best node was recorded; for `patience`. */
  bestCompletion: number;
  stopRequested: boolean;
  /** What is under way is finished, nothing new is dispatched, and then the run ends. */
  draining: boolean;
  /** The working time or the deadline is over, with the server's down time taken into account. */
  timeUp = false;
  /** The search is over: steps that fail now are given up instead of waited for. */
  ending = false;
  selecting = false;
  finished = false;
  /** A node is being recorded; the next decision waits for it, so that it knows what the files know. */
  publishing = false;
  /** Somebody is being told of what happened. */
  notifying = false;
  /** How many times `state.json` is being written. */
  saving = 0;
  /** Pause or limits changed since `state.json` was written. */
  unsaved: boolean;
  private currentPause: Pause | null;
  /** The pause ends running scripts, too. */
  private endsScripts: boolean;
  /** The run was over when it was opened, and goes on only if it is extended. */
  private wasOver = false;
  private wentOn: WentOn;
  private isExtended = false;
  private extendedSteps: number;
  private extendedMs: number;
  /** When the chain began, for the share of a deadline's time that is kept back. */
  private openedAt: number;
  /** How long the best node's script took. */
  private bestSeconds: number;

  constructor(
    readonly runId: string,
    readonly spec: RunSpec,
    carried?: CarriedState,
  ) {
    this.opened = carried !== undefined;
    this.tree = new SearchTree(carried?.direction ?? 'minimize', carried?.tree, carried?.pruned);
    this.steering = new Steering(carried?.steering ?? NOT_STEERED);
    this.clock = new WorkClock(carried ?? { workedMs: 0, serverDownMs: 0 });
    this.seed = carried?.seed ?? 0;
    this.drainAt = carried?.drainAt ?? { events: Infinity, bytes: Infinity };
    this.models = new ModelRouter(carried?.models ?? NO_MODELS);
    this.spending = new Spending(spec.limits, carried?.spending ?? NOTHING_SPENT);
    this.replayed = carried?.replayed ? new ReplayedDecisions(carried.replayed) : null;
    this.digests = new DigestPlan(this.digestEvery(), carried?.digests ?? NO_DIGESTS);
    this.leftRunning = carried?.executing ?? [];
    this.evaluation = carried?.evaluation ?? 'reported';
    this.canRefit = carried?.canRefit ?? false;
    this.reruns = carried?.reruns ?? 0;
    this.openedAt = carried?.openedAt ?? 0;
    this.bestSeconds = carried?.bestSeconds ?? 0;
    this.completions = carried?.completions ?? 0;
    this.bestCompletion = carried?.bestCompletion ?? 0;
    this.stopRequested = carried?.stopRequested ?? false;
    this.draining = carried?.draining ?? false;
    this.endsScripts = carried?.pausedNow ?? false;
    this.wentOn = carried?.wentOn ?? NEVER_OVER;
    this.currentPause = carried?.pause ?? null;
    this.extendedSteps = carried?.extendedSteps ?? 0;
    this.extendedMs = carried?.extendedMs ?? 0;
    this.unsaved = this.currentPause !== null;
  }

  /** Takes what opening the run found out; what people asked for meanwhile stays. */
  open(opened: OpenRunResult, now: number): void {
    const { recovered } = opened;
    this.opened = true;
    this.openedAt = now;
    this.rebuilt = recovered !== null;
    this.reruns = opened.reruns;
    this.bestSeconds = recovered?.bestSeconds ?? 0;
    this.seed = opened.seed;
    this.drainAt = opened.drainAt;
    this.models = new ModelRouter({ routes: opened.modelRoutes, downUntil: {} });
    this.replayed = opened.replayed === null ? null : ReplayedDecisions.of(opened.replayed);
    const { digest = null, sinceDigest = [] } = recovered ?? {};
    this.digests = new DigestPlan(this.digestEvery(), { ...NO_DIGESTS, last: digest, since: sinceDigest });
    this.tree = new SearchTree(opened.direction, recovered?.tree, recovered?.pruned);
    if (recovered !== null) this.steering = Steering.recovered(recovered, this.tree);
    this.clock = new WorkClock({ workedMs: recovered?.elapsedMs ?? 0, serverDownMs: opened.serverDownMs });
    this.completions = recovered?.completions ?? 0;
    this.bestCompletion = recovered?.bestCompletion ?? 0;
    this.spending.settle(recovered?.usage ?? NO_USAGE);
    this.spending.extend({ tokens: recovered?.extendedTokens ?? 0, cost: recovered?.extendedCostUsd ?? 0 });
    this.wasOver = recovered?.isOver ?? false;
    this.wentOn = wentOnAfter(recovered?.wentOn ?? null, this.spec.target, opened.direction);
    if (this.wasOver && this.isExtended) this.goOn();
    this.extendedSteps += recovered?.extendedSteps ?? 0;
    this.extendedMs += recovered?.extendedMs ?? 0;
  }

  get pause(): Pause | null {
    return this.currentPause;
  }

  /** Whether a person had the running scripts ended for the time of the pause. */
  get pausedNow(): boolean {
    return this.endsScripts;
  }

  get waitsForPerson(): boolean {
    return this.currentPause !== null && FOR_A_PERSON.has(this.currentPause.reason);
  }

  /** Scripts that people brought come on top of the steps asked for. */
  get stepsTotal(): number {
    return this.replayed?.count ?? this.spec.steps + this.extendedSteps + this.tree.injected.all;
  }

  get stepsDone(): number {
    const counts = this.tree.counts();
    return counts.working + counts.failed;
  }

  /** A pause that waits for a person stays what it is when coppice would pause for another cause, too. */
  pauseFor(pause: Pause, now: number): void {
    if (this.waitsForPerson && pause.reason !== 'person') return;
    if (this.currentPause?.reason === 'person') return;
    this.currentPause = pause;
    this.clock.stop(now);
    this.unsaved = true;
  }

  /** Pauses for a person; with `now` running scripts end, too, also in a pause that began without. */
  pauseByPerson(now: boolean, at: number): void {
    if (now && !this.endsScripts) {
      this.endsScripts = true;
      // Said anew, since a pause that was there already only waits for its scripts.
      this.currentPause = null;
    }
    this.pauseFor(this.endsScripts ? PAUSED_NOW : PAUSED, at);
  }

  /** A person's pause ends with the wish to see the rest through; one with a cause of its own stays. */
  drain(now: number): void {
    this.draining = true;
    if (this.currentPause?.reason === 'person') this.resume(now);
  }

  resume(now: number): void {
    this.endsScripts = false;
    if (this.currentPause === null) return;
    this.currentPause = null;
    this.clock.start(now);
    this.unsaved = true;
  }

  extend(extension: Extension): void {
    this.extendedSteps += extension.steps ?? 0;
    this.extendedMs += (extension.time ?? 0) * 1000;
    this.spending.extend(extension);
    this.isExtended = true;
    if (this.wasOver) this.goOn();
    this.unsaved = true;
  }

  /** Recorded nodes without a better one, for `patience`; those before a run went on do not count. */
  get withoutProgress(): number {
    return this.completions - Math.max(this.bestCompletion, this.wentOn.after);
  }

  /** Whether the score that was asked for is reached; a run that went on although it was is not held to it any more. */
  get hasReachedTarget(): boolean {
    return !this.wentOn.pastTarget && reaches(this.tree.best?.metric ?? null, this.spec.target, this.tree.direction);
  }

  /** Takes a node with all that descends from it out of the search, or back into it. Patience begins anew. */
  prune(id: number, undo: boolean): void {
    if (undo) this.tree.restore(id);
    else this.tree.prune(id);
    this.bestCompletion = this.completions;
  }

  complete(id: number, outcome: NodeOutcome, scriptSeconds: number): void {
    const bestBefore = this.tree.best?.id;
    this.tree.complete(id, outcome);
    this.completions += 1;
    this.digests.record(id);
    if (this.tree.best?.id === bestBefore) return;
    this.bestCompletion = this.completions;
    this.bestSeconds = scriptSeconds;
  }

  /** All of the run's time in milliseconds, null without a limit; of a deadline, what was left of it at the start. */
  get totalMs(): number | null {
    const { time, deadline } = this.spec.limits;
    const totals: number[] = [];
    if (time !== undefined) totals.push(time * 1000 + this.extendedMs);
    if (deadline !== undefined) totals.push(Date.parse(deadline) - this.openedAt);
    return totals.length === 0 ? null : Math.min(...totals);
  }

  /** Milliseconds at the end that belong to the final selection. */
  get reserveMs(): number {
    return selectionReserveMs({
      evaluation: this.evaluation,
      canRefit: this.canRefit,
      candidates: Math.min(MOST_CANDIDATES, this.tree.counts().working),
      reruns: this.reruns,
      parallel: parallelOf(this.spec),
      bestSeconds: this.bestSeconds,
      totalMs: this.totalMs,
    });
  }

  /** Milliseconds left for the search: what is left of the run's time less what the final selection needs. */
  searchTimeLeftMs(now: number): number | null {
    const left = this.timeLeftMs(now);
    return left === null ? null : Math.max(0, left - this.reserveMs);
  }

  /** Absolute end of the search (ISO 8601); null without a deadline. */
  searchDeadline(): string | null {
    const { deadline } = this.spec.limits;
    return deadline === undefined ? null : new Date(Date.parse(deadline) - this.reserveMs).toISOString();
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

  /** Milliseconds left until the deadline; infinite without one. */
  deadlineLeftMs(now: number): number {
    const { deadline } = this.spec.limits;
    return deadline === undefined ? Infinity : Date.parse(deadline) - now;
  }

  snapshot(now: number): RunSnapshot {
    return {
      stepsTotal: this.stepsTotal,
      extendedSteps: this.extendedSteps,
      extendedMs: this.extendedMs,
      ...this.spending.extended,
      ...this.tree.counts(),
      best: this.best,
      selection: this.selection,
      usage: this.spending.usage,
      elapsedMs: this.clock.elapsedMs(now),
      wentOnAfter: this.wentOn.after,
      pruned: this.tree.pruned,
    };
  }

  progress(): Progress {
    return {
      runId: this.runId,
      state: this.lifeState(),
      pause: this.currentPause,
      steps: { done: this.stepsDone, total: this.stepsTotal },
      nodes: this.tree.counts(),
      best: this.best,
      selection: this.selection,
      usage: this.spending.usage,
      hints: this.steering.hints.inForce,
      pruned: this.tree.pruned,
    };
  }

  carried(now: number): CarriedState {
    return {
      ...this.clock.state(now),
      seed: this.seed,
      direction: this.tree.direction,
      drainAt: this.drainAt,
      models: this.models.state(now),
      spending: this.spending.state(),
      digests: this.digests.state(),
      replayed: this.replayed?.toColumns() ?? null,
      evaluation: this.evaluation,
      canRefit: this.canRefit,
      reruns: this.reruns,
      openedAt: this.openedAt,
      bestSeconds: this.bestSeconds,
      executing: [...this.scripts.values()],
      tree: this.tree.toColumns(),
      pruned: this.tree.pruned,
      steering: this.steering.state(),
      completions: this.completions,
      bestCompletion: this.bestCompletion,
      extendedSteps: this.extendedSteps,
      extendedMs: this.extendedMs,
      pause: this.currentPause,
      pausedNow: this.endsScripts,
      stopRequested: this.stopRequested,
      draining: this.draining,
      wentOn: this.wentOn,
    };
  }

  private goOn(): void {
    this.wasOver = false;
    const metric = this.tree.best?.metric ?? null;
    this.wentOn = wentOnAfter({ after: this.completions, metric }, this.spec.target, this.tree.direction);
  }

  /** The run's answer: the winner of the final selection, once there is one. */
  private get best(): BestNode | null {
    if (this.selection === null) return this.tree.best;
    return { id: this.selection.winner, metric: this.selection.searchScore };
  }

  /** 0 where there is no digest: no language model would write it, nobody would read it, or all answers are given. */
  private digestEvery(): number {
    const { draft, improve, debug, digestEvery } = this.spec.memory;
    const isRead = [draft, improve, debug].some((scope) => scope !== 'none');
    return isRead && this.replayed === null && this.models.hasModel('digest') ? digestEvery : 0;
  }

  private lifeState(): Progress['state'] {
    if (this.finished) return 'finished';
    if (this.selecting) return 'selecting';
    if (this.stopRequested || (this.draining && this.currentPause === null)) return 'stopping';
    return this.currentPause === null ? 'running' : 'paused';
  }
}
