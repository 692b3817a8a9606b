import { formatMetric } from './format';
import { escapeHtml } from './html-escape';
import { marksInWords } from './mark-words';
import type { RunView } from './run-view';
import { bestOf, marksOf, recordsOf } from './run-view';
import { scoreColours } from './score-colour';
import type { PlacedNode } from './tree-layout';
import { layOutTree } from './tree-layout';
import { originInWords } from './words';

const MARGIN = 24;
const LABEL_LENGTH = 16;
const CHARACTER_WIDTH = 6.8;

/** The tree as one inline SVG element: colour tells the score, shape the state, and each node can have the focus. */
export function renderTreeSvg(view: RunView): string {
  const layout = layOutTree(view);
  const metrics = recordsOf(view).flatMap(({ status, metric }) =>
    status === 'working' && metric !== null ? [metric] : [],
  );
  const colourOf = scoreColours(metrics, view.run.task.direction);
  const bestId = bestOf(view)?.id ?? null;
  const focusId = bestId ?? layout.nodes[0]?.node.id ?? null;

  const edges = layout.nodes.map(edge).join('');
  const nodes = layout.nodes.map((place) => nodeElement(place, { colourOf, bestId, focusId, view })).join('\n');
  const width = layout.width + 2 * MARGIN;
  const height = layout.height + MARGIN;
  return [
    `<svg id="tree" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" role="tree" aria-label="Solution tree">`,
    `<path class="edges" d="${edges}"/>`,
    nodes,
    '</svg>',
  ].join('\n');
}

interface Drawing {
  readonly colourOf: (metric: number) => string;
  readonly bestId: number | null;
  readonly focusId: number | null;
  readonly view: RunView;
}

/** Begins behind the parent's label, so that no line runs through words. */
function edge({ parent, x, y }: PlacedNode): string {
  if (parent === null) return '';
  const labelLength = String(parent.node.id).length + 1 + shortLabel(parent).length;
  const start = parent.x + Math.min(22 + labelLength * CHARACTER_WIDTH, x - parent.x - 20);
  const middle = (start + x) / 2;
  return `M${start},${parent.y}C${middle},${parent.y} ${middle},${y} ${x},${y}`;
}

function nodeElement(place: PlacedNode, drawing: Drawing): string {
  const { node, x, y, level } = place;
  const isBest = node.id === drawing.bestId;
  const attributes = [
    `class="node ${node.status}${isBest ? ' best' : ''}"`,
    `id="node-${node.id}"`,
    `transform="translate(${x},${y})"`,
    'role="treeitem"',
    `tabindex="${node.id === drawing.focusId ? 0 : -1}"`,
    `aria-level="${level}"`,
    'aria-selected="false"',
    `aria-label="${escapeHtml(spokenLabel(place, isBest, drawing.view))}"`,
    `data-id="${node.id}"`,
    ...(node.parent === null ? [] : [`data-parent="${node.parent}"`]),
  ].join(' ');
  const label = `<text x="15" y="4"><tspan class="id">${node.id}</tspan> ${escapeHtml(shortLabel(place))}</text>`;
  const isDoubted = node.status !== 'in_flight' && marksOf(drawing.view, node.record).length > 0;
  const doubt = isDoubted ? '<text class="doubt" x="-3" y="5">!</text>' : '';
  const hit = '<rect class="hit" x="-13" y="-14" width="140" height="28"/>';
  return `<g ${attributes}>${tooltip(place)}${hit}${shape(place, isBest, drawing)}${doubt}${label}</g>`;
}

function shape({ node }: PlacedNode, isBest: boolean, { colourOf }: Drawing): string {
  if (node.status === 'in_flight') return '<path class="shape" d="M0,-8 8,0 0,8 -8,0z"/>';
  if (node.status === 'failed') return '<path class="shape" d="M-6,-6 6,6M-6,6 6,-6"/>';
  const fill = node.record.metric === null ? '#808080' : colourOf(node.record.metric);
  const ring = isBest ? '<circle class="ring" r="12"/>' : '';
  return `${ring}<circle class="shape" r="8" fill="${fill}"/>`;
}

function tooltip({ node }: PlacedNode): string {
  return node.status === 'in_flight' ? '' : `<title>${escapeHtml(node.record.title)}</title>`;
}

function shortLabel({ node }: PlacedNode): string {
  if (node.status === 'in_flight') return node.stage;
  const text = node.record.reason ?? formatMetric(node.record.metric);
  return text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text;
}

function spokenLabel({ node }: PlacedNode, isBest: boolean, view: RunView): string {
  const name = `node ${node.id}, ${originInWords(node)}`;
  if (node.status === 'in_flight') return `${name}, in flight: ${node.stage}`;
  const { record } = node;
  if (record.reason !== null) return `${name}, failed: ${record.reason}`;
  const doubts = marksInWords(marksOf(view, record));
  const best = isBest ? ', the best' : '';
  return `${name}, ${view.run.task.metric} ${formatMetric(record.metric)}${best}${doubts === '' ? '' : `, doubted: ${doubts}`}`;
}
