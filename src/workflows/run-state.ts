import type { EvaluationKind } from '../domain/evaluation';
import type { Extension } from '../domain/extension';
import type { Pause } from '../domain/run-files';
import type { RunSpec } from '../domain/run-spec';
import type { SelectionOutcome } from '../domain/selection';
import type { OpenRunResult } from '../domain/steps';
import { NO_USAGE } from '../domain/usage';
import { DigestPlan, NO_DIGESTS } from '../policy/digest-plan';
import { ModelRouter, NO_MODELS } from '../policy/model-router';
import { ReplayedDecisions } from '../policy/replayed-decisions';
import type { NodeOutcome } from '../policy/search-tree';
import { SearchTree } from '../policy/search-tree';
import { NOTHING_SPENT, Spending } from '../policy/spending';
import { reaches } from '../policy/went-on';
import { WorkClock } from '../policy/work-clock';
import type { CarriedState, ExecutingNode } from './carried-state';
import { Extensions, NEVER_EXTENDED } from './extension-state';
import { NOT_PAUSED, Pauses } from './pause-state';
import { NOT_STEERED, Steering } from './steering-state';

/** Everything a run knows; changed by the workflow alone. One object from the start, so that no update gets lost. */
export class RunState {
  /** Until the run is open its files may be another run's. */
  opened = false;
  tree: SearchTree;
  steering: Steering;
  clock: WorkClock;
  readonly pauses: Pauses;
  readonly extensions: Extensions;
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
  /** When the chain began, for the share of a deadline's time that is kept back; milliseconds since 1970. */
  openedAt: number;
  /** How long the best node's script took. */
  bestSeconds: number;
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
  /** Value of `completions` when the best node was recorded; for `patience`. */
  private bestCompletion: number;

  constructor(
    readonly runId: string,
    readonly spec: RunSpec,
    carried?: CarriedState,
  ) {
    this.opened = carried !== undefined;
    this.tree = new SearchTree(carried?.direction ?? 'minimize', carried?.tree, carried?.pruned);
    this.steering = new Steering(carried?.steering ?? NOT_STEERED);
    this.clock = new WorkClock(carried ?? { workedMs: 0, serverDownMs: 0 });
    this.pauses = new Pauses(carried ?? NOT_PAUSED);
    this.extensions = new Extensions(spec.target, carried ?? NEVER_EXTENDED);
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
    this.unsaved = this.pauses.current !== null;
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
    this.extensions.recover(recovered, this.standing);
  }

  /** Scripts that people brought come on top of the steps asked for. */
  get stepsTotal(): number {
    return this.replayed?.count ?? this.spec.steps + this.extensions.steps + this.tree.injected.all;
  }

  get stepsDone(): number {
    const counts = this.tree.counts();
    return counts.working + counts.failed;
  }

  /** Recorded nodes without a better one, for `patience`; those before a run went on do not count. */
  get withoutProgress(): number {
    return this.completions - Math.max(this.bestCompletion, this.extensions.wentOn.after);
  }

  /** Whether the score that was asked for is reached; a run that went on although it was is not held to it any more. */
  get hasReachedTarget(): boolean {
    const { metric, direction } = this.standing;
    return !this.extensions.wentOn.pastTarget && reaches(metric, this.spec.target, direction);
  }

  pauseFor(pause: Pause, now: number): void {
    if (this.pauses.begin(pause)) this.holdUp(now);
  }

  /** @param endsScripts whether running scripts end, to run again after the pause */
  pauseByPerson(endsScripts: boolean, now: number): void {
    if (this.pauses.beginByPerson(endsScripts)) this.holdUp(now);
  }

  resume(now: number): void {
    if (!this.pauses.end()) return;
    this.clock.start(now);
    this.unsaved = true;
  }

  /** A person's pause ends with the wish to see the rest through; one with a cause of its own stays. */
  drain(now: number): void {
    this.draining = true;
    if (this.pauses.isByPerson) this.resume(now);
  }

  /** More disk ends the pause at the cap on it: nobody has to wait for the next look. */
  extend(extension: Extension, now: number): void {
    this.spending.extend(extension);
    this.extensions.add(extension, this.standing);
    if (extension.disk !== undefined && this.pauses.current?.reason === 'disk_limit') this.resume(now);
    this.unsaved = true;
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

  carried(now: number): CarriedState {
    return {
      ...this.clock.state(now),
      ...this.pauses.state(),
      ...this.extensions.state(),
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
      stopRequested: this.stopRequested,
      draining: this.draining,
    };
  }

  private get standing() {
    return { after: this.completions, metric: this.tree.best?.metric ?? null, direction: this.tree.direction };
  }

  private holdUp(now: number): void {
    this.clock.stop(now);
    this.unsaved = true;
  }

  /** 0 where there is no digest: no language model would write it, nobody would read it, or all answers are given. */
  private digestEvery(): number {
    const { draft, improve, debug, digestEvery } = this.spec.memory;
    const isRead = [draft, improve, debug].some((scope) => scope !== 'none');
    return isRead && this.replayed === null && this.models.hasModel('digest') ? digestEvery : 0;
  }
}
