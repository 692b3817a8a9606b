import type { Direction } from '../domain/direction';
import { isBetter } from '../domain/direction';
import type { FailureReason } from '../domain/failure-reason';
import type { Operator } from '../domain/operator';
import { withDescendants } from '../domain/with-descendants';
import type { DecidedNode, TreeColumns, TreeNode } from '../domain/tree-columns';
import { fromTreeColumns, toTreeColumns } from '../domain/tree-columns';

/** How a node ended: with a finite score, or with the reason why there is none. */
export type NodeOutcome =
  | { readonly status: 'working'; readonly metric: number }
  | { readonly status: 'failed'; readonly reason: FailureReason };

export interface BestNode {
  readonly id: number;
  readonly metric: number;
}

/** Under which drafts are counted: no node has this id. */
const NO_PARENT = 0;

export interface NodeCounts {
  readonly working: number;
  readonly failed: number;
  readonly inFlight: number;
}

/**
 * The solution tree of one run. Ids are dense from 1; an id may be a hole after a recovery, when a node was decided
 * but nothing of it reached the store: the next decision then takes the hole's id, and with it the hole's random
 * stream, so that it decides as it did before.
 */
export class SearchTree {
  private readonly nodes: (TreeNode | null)[] = [];
  private readonly childCounts: number[] = [];
  private readonly statusCounts: Record<TreeNode['status'], number> = { in_flight: 0, working: 0, failed: 0 };
  private readonly injectedCounts = { all: 0, inFlight: 0 };
  private readonly prunedRoots: Set<number>;
  private prunedNodes: ReadonlySet<number> = new Set();
  private bestNode: BestNode | null = null;

  /** @param pruned nodes that a person pruned */
  constructor(
    readonly direction: Direction,
    columns?: TreeColumns,
    pruned: readonly number[] = [],
  ) {
    if (columns !== undefined) for (const node of fromTreeColumns(columns)) this.add(node);
    // A node that was lost with a crash may come back as another one.
    this.prunedRoots = new Set(pruned.filter((id) => this.find(id) !== null));
    this.settle();
  }

  get best(): BestNode | null {
    return this.bestNode;
  }

  /** Id the next decision is for: the first hole, else one past the end. */
  nextId(): number {
    const hole = this.nodes.indexOf(null);
    return hole === -1 ? this.nodes.length + 1 : hole + 1;
  }

  find(id: number): TreeNode | null {
    return this.nodes[id - 1] ?? null;
  }

  /** @throws RangeError when there is no such node */
  node(id: number): TreeNode {
    const node = this.find(id);
    if (node === null) throw new RangeError(`no node ${id} in a tree of ${this.nodes.length}`);
    return node;
  }

  /** Every node in order of id, holes left out. */
  all(): TreeNode[] {
    return this.nodes.filter((node) => node !== null);
  }

  /** Every node that no person pruned, in order of id: what the search goes on from. */
  live(): TreeNode[] {
    const all = this.all();
    return this.prunedNodes.size === 0 ? all : all.filter(({ id }) => !this.prunedNodes.has(id));
  }

  /** Nodes that a person pruned, each with all that descends from it; in order of id. */
  get pruned(): readonly number[] {
    return [...this.prunedRoots].sort((left, right) => left - right);
  }

  /** Whether the node was pruned, or one that it descends from. */
  isPruned(id: number): boolean {
    return this.prunedNodes.has(id);
  }

  /**
   * Takes the node and all that descends from it, now and later, out of the search. Nothing of it is forgotten.
   *
   * @throws RangeError when there is no such node
   */
  prune(id: number): void {
    this.prunedRoots.add(this.node(id).id);
    this.settle();
  }

  /** Takes back the pruning of this very node. */
  restore(id: number): void {
    this.prunedRoots.delete(id);
    this.settle();
  }

  /** How many nodes are scripts that people brought: the steps of the search are not theirs. */
  get injected(): { readonly all: number; readonly inFlight: number } {
    return this.injectedCounts;
  }

  /** Number of consecutive debug steps that end at the node: 0 for a draft or an improvement. */
  debugDepth(id: number): number {
    let depth = 0;
    for (let node = this.node(id); node.operator === 'debug' && node.parent !== null; node = this.node(node.parent)) {
      depth += 1;
    }
    return depth;
  }

  counts(): NodeCounts {
    const { working, failed, in_flight: inFlight } = this.statusCounts;
    return { working, failed, inFlight };
  }

  /**
   * Notes that work on a node begins.
   *
   * @throws RangeError when the id is not the next one, or the parent is not a finished node
   */
  dispatch(id: number, operator: Operator, parent: number | null): void {
    if (id !== this.nextId()) throw new RangeError(`node ${id} cannot be dispatched: the next id is ${this.nextId()}`);
    if (parent !== null && this.node(parent).status === 'in_flight') {
      throw new RangeError(`node ${id} cannot be dispatched: its parent ${parent} is not finished`);
    }
    this.begin({ id, operator, parent, status: 'in_flight', reason: null, metric: null });
  }

  /**
   * Notes that work begins on a node whose id and parent are given from elsewhere: ids before it may stay holes, and its
   * parent need not be finished, nor there.
   *
   * @throws RangeError when there is such a node already
   */
  place({ id, operator, parent }: DecidedNode): void {
    if (this.find(id) !== null) throw new RangeError(`node ${id} is in the tree already`);
    while (this.nodes.length < id) this.nodes.push(null);
    this.begin({ id, operator, parent, status: 'in_flight', reason: null, metric: null });
  }

  /** How many nodes have this parent, in flight or not; of null: how many drafts there are, brought scripts left out. */
  childCount(parent: number | null): number {
    return this.childCounts[parent ?? NO_PARENT] ?? 0;
  }

  /** @throws RangeError when the node is not in flight or its score is not a finite number */
  complete(id: number, outcome: NodeOutcome): void {
    const node = this.node(id);
    if (node.status !== 'in_flight') throw new RangeError(`node ${id} is already ${node.status}`);
    if (outcome.status === 'working' && !Number.isFinite(outcome.metric)) {
      throw new RangeError(`node ${id} has no finite score`);
    }
    this.nodes[id - 1] = { ...node, ...outcome };
    this.statusCounts.in_flight -= 1;
    this.statusCounts[outcome.status] += 1;
    if (node.operator === 'inject') this.injectedCounts.inFlight -= 1;
    if (outcome.status === 'working') this.considerBest(id, outcome.metric);
  }

  toColumns(): TreeColumns {
    return toTreeColumns(this.nodes);
  }

  private add(node: TreeNode | null): void {
    if (node === null) {
      this.nodes.push(null);
      return;
    }
    this.put(node);
  }

  /** In a replay a node may come before its parent, so what descends from whom is looked at anew. */
  private begin(node: TreeNode): void {
    this.put(node);
    if (this.prunedRoots.size > 0) this.prunedNodes = withDescendants(this.prunedRoots, this.all());
  }

  private put(node: TreeNode): void {
    this.nodes[node.id - 1] = node;
    this.statusCounts[node.status] += 1;
    if (node.operator === 'inject') {
      this.injectedCounts.all += 1;
      if (node.status === 'in_flight') this.injectedCounts.inFlight += 1;
    }
    if (node.parent !== null || node.operator !== 'inject') {
      this.childCounts[node.parent ?? NO_PARENT] = this.childCount(node.parent) + 1;
    }
  }

  /** Works out anew what is pruned, and the best of the rest. */
  private settle(): void {
    this.prunedNodes = this.prunedRoots.size === 0 ? new Set() : withDescendants(this.prunedRoots, this.all());
    this.bestNode = null;
    for (const { id, metric } of this.live()) if (metric !== null) this.considerBest(id, metric);
  }

  /** Equal scores: the lowest id stays best, in whatever order the nodes completed. */
  private considerBest(id: number, metric: number): void {
    if (this.prunedNodes.has(id)) return;
    const best = this.bestNode;
    const replaces =
      best === null || isBetter(metric, best.metric, this.direction) || (metric === best.metric && id < best.id);
    if (replaces) this.bestNode = { id, metric };
  }
}
