import type { SelectInput } from '../domain/steps';
import { bestFirst, workingNodes } from './best-first';
import type { SearchTree } from './search-tree';
import { tooGood } from './too-good';

/** How many of the best nodes the final selection compares. */
export const MOST_CANDIDATES = 5;

/** The nodes for the final selection, best first, with the doubts that the tree as a whole gives. */
export function selectionCandidates(tree: SearchTree): SelectInput['candidates'] {
  const working = workingNodes(tree);
  return bestFirst(tree)
    .slice(0, MOST_CANDIDATES)
    .map(({ id, metric }) => {
      const others = working.filter((other) => other.id !== id).map((other) => other.metric);
      const mark = tooGood(metric, others, tree.direction);
      return { id, metric, marks: mark === null ? [] : [mark] };
    });
}
