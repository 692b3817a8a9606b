import { hierarchy, tree } from 'd3-hierarchy';
import type { NodeView } from './run-view';

/** Distances between neighbours of a generation and between generations, in pixels. */
const ROW_HEIGHT = 30;
const COLUMN_WIDTH = 172;

export interface PlacedNode {
  readonly node: NodeView;
  readonly x: number;
  readonly y: number;
  /** 1 for a draft. */
  readonly level: number;
  readonly parent: PlacedNode | null;
}

export interface TreeLayout {
  /** In reading order: every node directly before its descendants. */
  readonly nodes: readonly PlacedNode[];
  readonly width: number;
  readonly height: number;
}

interface Item {
  readonly node: NodeView | null;
  readonly children: Item[];
}

/** Places the forest of drafts from left to right, all in positive coordinates from (0, 0). */
export function layOutTree(drawn: readonly NodeView[]): TreeLayout {
  const root = tree<Item>()
    .nodeSize([ROW_HEIGHT, COLUMN_WIDTH])
    .separation(() => 1)(hierarchy(forest(drawn)));
  const points = root.descendants().filter((point) => point !== root);
  const top = points.reduce((least, point) => Math.min(least, point.x), 0);

  const nodes: PlacedNode[] = [];
  const placed = new Map<Item, PlacedNode>();
  root.eachBefore((point) => {
    if (point.data.node === null) return;
    const parent = point.parent === null ? null : (placed.get(point.parent.data) ?? null);
    const place = {
      node: point.data.node,
      x: (point.depth - 1) * COLUMN_WIDTH,
      y: point.x - top,
      level: point.depth,
      parent,
    };
    placed.set(point.data, place);
    nodes.push(place);
  });
  return {
    nodes,
    width: nodes.reduce((most, { level }) => Math.max(most, level), 0) * COLUMN_WIDTH,
    height: nodes.reduce((most, { y }) => Math.max(most, y), 0) + ROW_HEIGHT,
  };
}

/** A node whose parent has no files is shown among the drafts rather than not at all. */
function forest(nodes: readonly NodeView[]): Item {
  const items = new Map<number, Item>(nodes.map((node) => [node.id, { node, children: [] }]));
  const root: Item = { node: null, children: [] };
  for (const item of items.values()) {
    const parent = item.node?.parent ?? null;
    const above = parent === null ? root : (items.get(parent) ?? root);
    above.children.push(item);
  }
  return root;
}
