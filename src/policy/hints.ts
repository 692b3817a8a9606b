import type { HintInForce, HintsState } from '../domain/steps';
import type { SearchTree } from './search-tree';

export const NO_HINTS: HintsState = { last: 0, inForce: [] };

/** The hints of a run, without their texts, which stand in the store. */
export class Hints {
  private last: number;
  private readonly standing: Map<number, HintInForce>;

  constructor({ last, inForce }: HintsState) {
    this.last = last;
    this.standing = new Map(inForce.map((hint) => [hint.number, hint]));
  }

  /** Those in force, in the order in which they were given. */
  get inForce(): readonly HintInForce[] {
    return [...this.standing.values()].sort((left, right) => left.number - right.number);
  }

  isInForce(number: number): boolean {
    return this.standing.has(number);
  }

  /** A number for a hint that is being stored; it stays used when that fails. */
  nextNumber(): number {
    this.last += 1;
    return this.last;
  }

  give(hint: HintInForce): void {
    this.standing.set(hint.number, hint);
  }

  withdraw(number: number): void {
    this.standing.delete(number);
  }

  /** Numbers of the hints for a node with this parent: the run's, and those for the parent or for one of its ancestors. */
  forChildOf(tree: SearchTree, parent: number | null): number[] {
    const { inForce } = this;
    if (inForce.every(({ node }) => node === null)) return inForce.map(({ number }) => number);
    const line = new Set<number>();
    for (let id = parent; id !== null; id = tree.find(id)?.parent ?? null) line.add(id);
    return inForce.filter(({ node }) => node === null || line.has(node)).map(({ number }) => number);
  }

  state(): HintsState {
    return { last: this.last, inForce: this.inForce };
  }
}
