import type { PromptContext } from '../domain/steps';
import type { TreeNode } from '../domain/tree-columns';
import { bestFirst } from './best-first';
import type { SearchTree } from './search-tree';

/** How many nodes of each kind a prompt may draw on, whatever the size of the tree. */
const MOST_SIBLINGS = 12;
const MOST_BEST = 5;
const MOST_RECENT = 10;
const MOST_FAILED = 6;
const MOST_ANCESTORS = 5;

/**
 * Chooses the nodes that the prompt for a node may draw on: bounded in number however large the tree is. Siblings
 * count while they are in flight, too, so that two slots do not try the same.
 */
export function promptContext(tree: SearchTree, node: TreeNode): PromptContext {
  const siblings = tree.all().filter((other) => other.parent === node.parent && other.id !== node.id);
  const finished = tree.all().filter((other) => other.status !== 'in_flight');
  const failed = finished.filter((other) => other.status === 'failed');
  return {
    siblings: ids(siblings).slice(-MOST_SIBLINGS),
    best: ids(bestFirst(tree)).slice(0, MOST_BEST),
    recent: ids(finished).slice(-MOST_RECENT),
    failed: ids(failed).slice(-MOST_FAILED),
    ancestors: ancestors(tree, node.parent).slice(0, MOST_ANCESTORS),
  };
}

function ids(nodes: readonly Pick<TreeNode, 'id'>[]): number[] {
  return nodes.map((node) => node.id);
}

function ancestors(tree: SearchTree, parent: number | null): number[] {
  const chain: number[] = [];
  for (let id = parent; id !== null && chain.length < MOST_ANCESTORS; id = tree.node(id).parent) chain.push(id);
  return chain;
}
