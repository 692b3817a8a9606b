import type { NotesFile } from '../domain/steering';
import { escapeHtml } from './html-escape';
import { marksOf } from './run-view';
import type { NodeView } from './run-view';
import type { PlacedNode } from './tree-layout';
import { layOutTree } from './tree-layout';
import type { TreePicture } from './tree-picture';
import { shortLabel, spokenLabel, titleOf } from './tree-words';

const MARGIN = 24;
const CHARACTER_WIDTH = 6.8;

/** Notes of people by node. */
export type NotesById = ReadonlyMap<number, NotesFile>;

/** The tree as one inline SVG element: colour tells the score, shape the state, and each node can have the focus. */
export function renderTreeSvg(picture: TreePicture, notes: NotesById): string {
  const layout = layOutTree(picture.drawn);
  const focusId = picture.bestId ?? layout.nodes[0]?.node.id ?? null;
  const isOnBestPath = ({ node }: PlacedNode): boolean => picture.bestPath.has(node.id);
  const edges = layout.nodes.map((place) => edge(place, notes)).join('');
  const bestEdges = layout.nodes
    .filter(isOnBestPath)
    .map((place) => edge(place, notes))
    .join('');
  const nodes = layout.nodes.map((place) => nodeElement(place, { picture, notes, focusId })).join('\n');
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + MARGIN;
  return [
    `<svg id="tree" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" role="tree" aria-label="Solution tree">`,
    `<path class="edges" d="${edges}"/>`,
    `<path class="edges best-path" d="${bestEdges}"/>`,
    nodes,
    '</svg>',
  ].join('\n');
}

interface Drawing {
  readonly picture: TreePicture;
  readonly notes: NotesById;
  readonly focusId: number | null;
}

/** Begins behind the parent's label, so that no line runs through words. */
function edge({ parent, x, y }: PlacedNode, notes: NotesById): string {
  if (parent === null) return '';
  const { node } = parent;
  const labelLength = String(node.id).length + 1 + shortLabel(node, notes.get(node.id) ?? null).length;
  const start = parent.x + Math.min(22 + labelLength * CHARACTER_WIDTH, x - parent.x - 20);
  const middle = (start + x) / 2;
  return `M${start},${parent.y}C${middle},${parent.y} ${middle},${y} ${x},${y}`;
}

function nodeElement({ node, x, y, level }: PlacedNode, { picture, notes, focusId }: Drawing): string {
  const isBest = node.id === picture.bestId;
  const note = notes.get(node.id) ?? null;
  const classes = [
    'node',
    node.status,
    ...(isBest ? ['best'] : []),
    ...(picture.bestPath.has(node.id) ? ['on-best-path'] : []),
    ...(picture.pruned.has(node.id) ? ['pruned'] : []),
    ...(node.operator === 'inject' ? ['injected'] : []),
  ];
  const attributes = [
    `class="${classes.join(' ')}"`,
    `id="node-${node.id}"`,
    `transform="translate(${x},${y})"`,
    'role="treeitem"',
    `tabindex="${node.id === focusId ? 0 : -1}"`,
    `aria-level="${level}"`,
    'aria-selected="false"',
    `aria-label="${escapeHtml(spokenLabel(node, picture, note))}"`,
    `data-id="${node.id}"`,
    ...(node.parent === null ? [] : [`data-parent="${node.parent}"`]),
  ].join(' ');
  const label = `<text x="16" y="4"><tspan class="id">${node.id}</tspan> ${escapeHtml(shortLabel(node, note))}</text>`;
  const hit = '<rect class="hit" x="-13" y="-14" width="160" height="28"/>';
  return `<g ${attributes}>${tooltip(node)}${hit}${shape(node, picture)}${signs(node, picture)}${label}</g>`;
}

function shape(node: NodeView, { bestId, colourOf }: TreePicture): string {
  if (node.status === 'in_flight') return '<path class="shape" d="M0,-8 8,0 0,8 -8,0z"/>';
  if (node.status === 'failed') return '<path class="shape" d="M-6,-6 6,6M-6,6 6,-6"/>';
  const fill = node.record.metric === null ? '#808080' : colourOf(node.record.metric);
  const ring = node.id === bestId ? '<circle class="ring" r="12"/>' : '';
  return `${ring}<circle class="shape" r="8" fill="${fill}"/>`;
}

/** What else there is to know of a node: doubts, that a person brought it, that a person pruned it. */
function signs(node: NodeView, { view, pruned }: TreePicture): string {
  const isDoubted = node.status !== 'in_flight' && marksOf(view, node.record).length > 0;
  return [
    ...(node.operator === 'inject' ? ['<rect class="frame" x="-11" y="-11" width="22" height="22" rx="3"/>'] : []),
    ...(isDoubted ? ['<text class="doubt" x="-3" y="5">!</text>'] : []),
    ...(pruned.has(node.id) ? ['<path class="cut" d="M-11,9 11,-9"/>'] : []),
  ].join('');
}

function tooltip(node: NodeView): string {
  return node.status === 'in_flight' ? '' : `<title>${escapeHtml(titleOf(node))}</title>`;
}
