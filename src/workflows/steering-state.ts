import type { HintsState, RecoveredRun } from '../domain/steps';
import { Hints, NO_HINTS } from '../policy/hints';
import type { SearchTree } from '../policy/search-tree';

/** What of a run's steering crosses continue-as-new; what is pruned goes with the tree. */
export interface SteeringState {
  readonly hints: HintsState;
  readonly lastInjection: number;
}

export const NOT_STEERED: SteeringState = { hints: NO_HINTS, lastInjection: 0 };

/** Hints, and scripts that people brought: what they add to a search besides their own decisions about it. */
export class Steering {
  readonly hints: Hints;
  private lastInjection: number;
  /** Numbers of brought scripts by the node that each became. */
  private readonly numbers = new Map<number, number>();
  /** Nodes of brought scripts that nobody works on yet. */
  private readonly arrived: number[] = [];

  constructor({ hints, lastInjection }: SteeringState) {
    this.hints = new Hints(hints);
    this.lastInjection = lastInjection;
  }

  /** What the files tell; scripts that were stored and are no node yet get theirs. */
  static recovered({ hints, injections }: Pick<RecoveredRun, 'hints' | 'injections'>, tree: SearchTree): Steering {
    const steering = new Steering({ hints, lastInjection: injections.last });
    for (const { node, number } of injections.begun) steering.numbers.set(node, number);
    for (const { number, parent } of injections.waiting) steering.place(tree, number, parent);
    return steering;
  }

  /** The first node that waits to be begun; null when there is none. */
  get nextArrived(): number | null {
    return this.arrived[0] ?? null;
  }

  isArrived(node: number): boolean {
    return this.arrived.includes(node);
  }

  begin(node: number): void {
    this.arrived.splice(this.arrived.indexOf(node), 1);
  }

  /** A number for a script that is being stored; it stays used when that fails. */
  nextInjection(): number {
    this.lastInjection += 1;
    return this.lastInjection;
  }

  /** Makes a stored script a node of the tree, which is begun by whoever keeps the search going. */
  place(tree: SearchTree, number: number, parent: number | null): number {
    const node = tree.nextId();
    tree.dispatch(node, 'inject', parent);
    this.numbers.set(node, number);
    this.arrived.push(node);
    return node;
  }

  /** Number of the script that the node is made from; null in a replay. */
  injectionOf(node: number): number | null {
    return this.numbers.get(node) ?? null;
  }

  state(): SteeringState {
    return { hints: this.hints.state(), lastInjection: this.lastInjection };
  }
}
