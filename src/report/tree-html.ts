import { createHash } from 'node:crypto';
import { escapeHtml } from './html-escape';
import type { NodeTexts } from './node-texts';
import { treeDetails } from './tree-details';
import { treeHeader, treeToolbar } from './tree-header';
import { treeIndex } from './tree-index';
import { TREE_PAGE_SCRIPT } from './tree-page-script';
import { TREE_PAGE_STYLE } from './tree-page-style';
import type { TreePicture } from './tree-picture';
import { renderTreeSvg } from './tree-svg';

/**
 * `tree.html`: the solution tree as one file that needs neither a server nor the network. Choosing a node shows its
 * plan, its difference to its parent, code, output and review.
 *
 * @param texts of the nodes that are drawn
 */
export function renderTreeHtml(picture: TreePicture, texts: readonly NodeTexts[]): string {
  const { view } = picture;
  const notes = new Map(texts.flatMap((node) => (node.notes === null ? [] : [[node.id, node.notes] as const])));
  const isEmpty = view.nodes.length === 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(view.runId)} – solution tree</title>
<style>${TREE_PAGE_STYLE}</style>
</head>
<body>
${treeHeader(picture)}
${isEmpty ? '' : treeToolbar(picture)}
<main>
<div id="left">
${isEmpty ? '' : CHART}
<div id="canvas">
${isEmpty ? '<p class="hint">No node has begun yet.</p>' : renderTreeSvg(picture, notes)}
</div>
</div>
<aside id="details" tabindex="-1" aria-live="polite" aria-label="Details of the chosen node"><p class="hint">Choose a node to see its plan, code and output.</p></aside>
</main>
${treeIndex(picture)}
${treeDetails(picture, texts)}
<script>${TREE_PAGE_SCRIPT}</script>
</body>
</html>
`;
}

const CHART = `<details id="progress" open>
<summary>Score by step</summary>
<div id="chart"></div>
</details>`;

/** Only the page's own style and script take effect: whatever a script or a model wrote stays text. */
function contentPolicy(): string {
  return `default-src 'none'; style-src '${hashOf(TREE_PAGE_STYLE)}'; script-src '${hashOf(TREE_PAGE_SCRIPT)}'`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
