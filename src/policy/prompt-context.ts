import type { FailureReason } from '../domain/failure-reason';
import type { PromptContext } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { bestFirst } from './best-first';
import type { SearchTree } from './search-tree';

/** How many nodes of each kind a prompt may draw on, whatever the size of the tree. */
const MOST_SIBLINGS = 12;
const MOST_BEST = 5;
export const MOST_RECENT = 30;
const MOST_FAILED = 8;
const MOST_ANCESTORS = 5;

/**
 * Chooses the nodes that the prompt for a node may draw on: bounded in number however large the tree is. Siblings
 * count while they are in flight, too, so that two slots do not try the same.
 *
 * @param sinceDigest nodes recorded since the digest that the prompt carries, in the order of their records
 */
export function promptContext(tree: SearchTree, node: TreeNode, sinceDigest: readonly number[]): PromptContext {
  const siblings = tree.all().filter((other) => other.parent === node.parent && other.id !== node.id);
  const context = {
    siblings: ids(siblings).slice(-MOST_SIBLINGS),
    best: ids(bestFirst(tree)).slice(0, MOST_BEST),
    recent: sinceDigest.slice(-MOST_RECENT),
    failed: failuresWorthKnowing(tree.all().filter((other) => other.status === 'failed')),
    ancestors: ancestors(tree, node.parent),
  };
  const named = new Set(Object.values(context).flat());
  return { ...context, pruned: [...named].filter((id) => tree.isPruned(id)).sort((left, right) => left - right) };
}

/** Many failures of one kind must not hide the only one of another: the newest of each kind comes first. */
function failuresWorthKnowing(failed: readonly TreeNode[]): number[] {
  const newestFirst = [...failed].reverse();
  const newestOfEach = new Map<FailureReason | null, number>();
  for (const { reason, id } of newestFirst) if (!newestOfEach.has(reason)) newestOfEach.set(reason, id);
  const chosen = new Set([...newestOfEach.values()].slice(0, MOST_FAILED));
  for (const { id } of newestFirst) {
    if (chosen.size >= MOST_FAILED) break;
    chosen.add(id);
  }
  return [...chosen].sort((left, right) => left - right);
}

function ids(nodes: readonly Pick<TreeNode, 'id'>[]): number[] {
  return nodes.map((node) => node.id);
}

/** In a replay a parent may not be there yet. */
function ancestors(tree: SearchTree, parent: number | null): number[] {
  const chain: number[] = [];
  for (let id = parent; id !== null && chain.length < MOST_ANCESTORS; id = tree.find(id)?.parent ?? null)
    chain.push(id);
  return chain;
}
