import { jsonForScript } from './html-escape';
import { marksInWords } from './mark-words';
import { marksOf } from './run-view';
import type { NodeView } from './run-view';
import type { TreePicture } from './tree-picture';
import { titleOf } from './tree-words';

/**
 * What the page's chart and filters know of every node, also of those that are not drawn, as JSON in one element. Short
 * names, since there may be many nodes.
 */
export function treeIndex(picture: TreePicture): string {
  const { view, bestId, colourOf } = picture;
  const drawn = new Set(picture.drawn.map(({ id }) => id));
  const rows = view.nodes.map((node) => {
    const metric = node.status === 'working' ? node.record.metric : null;
    return {
      id: node.id,
      /** Order of recording; 0 while in flight. */
      at: node.status === 'in_flight' ? 0 : node.record.completion,
      y: metric,
      ...(metric === null ? {} : { c: colourOf(metric) }),
      ...(picture.pruned.has(node.id) ? { p: 1 } : {}),
      ...(drawn.has(node.id) ? { s: node.status, o: node.operator, t: searchedText(node, picture) } : {}),
    };
  });
  const { metric, direction } = view.run.task;
  const index = { metric, maximize: direction === 'maximize', best: bestId, nodes: rows };
  return `<script type="application/json" id="index">${jsonForScript(index)}</script>`;
}

/** In lower case, for a search without regard to it. */
function searchedText(node: NodeView, picture: TreePicture): string {
  const words = [`node ${node.id}`, titleOf(node)];
  if (node.status !== 'in_flight') {
    const { record } = node;
    words.push(record.reason ?? '', record.summary.slice(0, 300), marksInWords(marksOf(picture.view, record)));
  }
  return words.join(' ').toLowerCase();
}
