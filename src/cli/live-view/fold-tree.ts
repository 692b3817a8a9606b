/** What folding has to know of a node. */
export interface TreeItem {
  readonly id: number;
  readonly parent: number | null;
}

/** A node that is shown. */
export interface FoldedRow {
  readonly id: number;
  /** Branches before the node's own words, such as `│  └─ `. */
  readonly branch: string;
  /** Whether the node above it in the picture is its parent; false where nodes between the two are folded. */
  readonly isDirect: boolean;
  /** How many nodes are folded into it: descendants that nothing nearer to them is shown of. */
  readonly folded: number;
}

export interface FoldedTree {
  /** From top to bottom. */
  readonly rows: readonly FoldedRow[];
  /** Nodes without any ancestor that is shown. */
  readonly loose: readonly number[];
}

/**
 * Lays out the nodes of `shown`, each below its nearest ancestor that is shown too; the others are counted where they
 * are folded into.
 *
 * @param items parents before their children, as ascending ids have them
 */
export function foldTree(items: readonly TreeItem[], shown: ReadonlySet<number>): FoldedTree {
  const parents = new Map(items.map(({ id, parent }) => [id, parent]));
  const anchors = anchorsOf(items, shown);
  const childrenOf = new Map<number | null, number[]>();
  const folded = new Map<number, number>();
  const loose: number[] = [];
  for (const { id } of items) {
    const anchor = anchors.get(id) ?? null;
    if (shown.has(id)) push(childrenOf, anchor, id);
    else if (anchor === null) loose.push(id);
    else folded.set(anchor, (folded.get(anchor) ?? 0) + 1);
  }
  const rows: FoldedRow[] = [];
  // A stack instead of recursion: a chain of improvements may be thousands of nodes deep.
  const stack = branchesOf(childrenOf.get(null) ?? [], '', loose.length > 0);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { id, before, isLast } = next;
    const parent = parents.get(id) ?? null;
    const isDirect = parent === (anchors.get(id) ?? null) || !parents.has(parent ?? id);
    rows.push({
      id,
      branch: `${before}${isLast ? '└' : '├'}${isDirect ? '─' : '┄'} `,
      isDirect,
      folded: folded.get(id) ?? 0,
    });
    stack.push(...branchesOf(childrenOf.get(id) ?? [], `${before}${isLast ? ' ' : '│'}  `, false));
  }
  return { rows, loose };
}

/** The nearest ancestor of each node that is shown; null for none. Parents stand before their children. */
function anchorsOf(items: readonly TreeItem[], shown: ReadonlySet<number>): ReadonlyMap<number, number | null> {
  const anchors = new Map<number, number | null>();
  for (const { id, parent } of items) {
    if (parent === null) anchors.set(id, null);
    else anchors.set(id, shown.has(parent) ? parent : (anchors.get(parent) ?? null));
  }
  return anchors;
}

interface Branch {
  readonly id: number;
  readonly before: string;
  readonly isLast: boolean;
}

/** Last child first, as the stack hands them out in reverse. */
function branchesOf(ids: readonly number[], before: string, moreFollow: boolean): Branch[] {
  return ids.map((id, index) => ({ id, before, isLast: !moreFollow && index === ids.length - 1 })).reverse();
}

function push<Key>(lists: Map<Key, number[]>, key: Key, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
