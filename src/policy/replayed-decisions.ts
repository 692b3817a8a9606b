import type { DecidedNode, DecisionColumns, TreeColumns } from '../domain/tree-columns';
import { fromDecisionColumns } from '../domain/tree-columns';
import type { SearchTree } from './search-tree';

/** What a replay does instead of asking the policy: the decisions of a finished run, in the order of their ids. */
export class ReplayedDecisions {
  private readonly decided: readonly DecidedNode[];

  /** @param columns the recorded nodes of the finished run; ids of which nothing was recorded are holes */
  constructor(private readonly columns: DecisionColumns) {
    this.decided = fromDecisionColumns(columns).filter((node) => node !== null);
  }

  static of({ parents, operators }: TreeColumns): ReplayedDecisions {
    return new ReplayedDecisions({ parents, operators });
  }

  get count(): number {
    return this.decided.length;
  }

  /** The first node that the tree does not have yet; null when it has them all. */
  next(tree: SearchTree): DecidedNode | null {
    return this.decided.find(({ id }) => tree.find(id) === null) ?? null;
  }

  toColumns(): DecisionColumns {
    return this.columns;
  }
}
