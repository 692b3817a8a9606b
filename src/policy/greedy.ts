import type { FailureReason } from '../domain/failure-reason';
import type { GreedyPolicySpec } from '../domain/run-spec';
import type { RandomStream } from './random-stream';
import type { SearchTree } from './search-tree';

/** What to try next. */
export type Decision =
  | { readonly operator: 'draft'; readonly parent: null }
  | { readonly operator: 'improve' | 'debug'; readonly parent: number };

const WITHOUT_CODE: ReadonlySet<FailureReason | null> = new Set<FailureReason>(['no_code', 'model_refused']);

const DRAFT: Decision = { operator: 'draft', parent: null };

/**
 * The search policy of AIDE (Jiang et al. 2025, arXiv 2502.13138, section 3): drafts first; then, by chance, a repair
 * of a failed leaf; else an improvement of the best node.
 *
 * Nodes in flight count: a draft under way is a draft, and a node whose repair is under way is no leaf any more. The
 * depth limit applies to the node that is repaired, so chains of `maxDebugDepth + 1` repairs are possible, as in AIDE.
 * A node for which the model gave no code, or refused to, has nothing to repair. Pruned nodes are as if they were not
 * there: the search makes another draft in the place of a pruned one. Scripts that people brought are no drafts, but are
 * repaired and improved like any other.
 */
export function decideGreedily(tree: SearchTree, random: RandomStream, policy: GreedyPolicySpec): Decision {
  const nodes = tree.live();
  if (nodes.filter((node) => node.operator === 'draft').length < policy.numDrafts) return DRAFT;
  if (random.chance() < policy.debugProbability) {
    const parents = new Set(nodes.map(({ parent }) => parent));
    const repairable = nodes.filter(
      (node) =>
        node.status === 'failed' &&
        !WITHOUT_CODE.has(node.reason) &&
        !parents.has(node.id) &&
        tree.debugDepth(node.id) <= policy.maxDebugDepth,
    );
    const chosen = random.pick(repairable);
    if (chosen !== null) return { operator: 'debug', parent: chosen.id };
  }
  if (tree.best === null) return DRAFT;
  return { operator: 'improve', parent: tree.best.id };
}
