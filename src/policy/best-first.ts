import { isBetter } from '../domain/direction';
import type { SearchTree } from './search-tree';

/** A node with the score that the search steers by. */
export interface ScoredNode {
  readonly id: number;
  readonly metric: number;
}

/** The working nodes that are not pruned, best first; of equal scores the lower id. */
export function bestFirst(tree: SearchTree): ScoredNode[] {
  return workingNodes(tree).sort((left, right) => {
    if (left.metric === right.metric) return left.id - right.id;
    return isBetter(left.metric, right.metric, tree.direction) ? -1 : 1;
  });
}

/** The working nodes that are not pruned, in order of id. */
export function workingNodes(tree: SearchTree): ScoredNode[] {
  return tree.live().flatMap(({ id, metric }) => (metric === null ? [] : [{ id, metric }]));
}
