/** Style of the tree page: light and dark as the reader's system asks. */
export const TREE_PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f6f7f9; --text: #1d2330; --muted: #5c6575; --line: #d5dae2; --edge: #aab3c2;
  --accent: #1a5fd0; --failed: #c0392b; --best: #b7790a; --came: #e2f4e6; --went: #fbe6e4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171d; --panel: #1c2028; --text: #e5e9f0; --muted: #9aa5b5; --line: #323946; --edge: #566074;
    --accent: #7db0ff; --failed: #ff8376; --best: #f2b84b; --came: #173824; --went: #43211f;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; }
body {
  margin: 0; display: flex; flex-direction: column; background: var(--ground); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
header { padding: 14px 20px 10px; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 18px; line-height: 1.3; overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 16px; overflow-wrap: anywhere; }
h3 { margin: 18px 0 6px; font-size: 12px; letter-spacing: .04em; text-transform: uppercase; color: var(--muted); }
.goal { margin: 2px 0 8px; color: var(--muted); max-width: 110ch; max-height: 4.5em; overflow: auto; }
.facts { display: flex; flex-wrap: wrap; gap: 2px 22px; margin: 0; }
.facts div { display: flex; gap: 6px; }
.facts dt { flex: none; color: var(--muted); }
.facts dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 18px; margin: 8px 0 0; color: var(--muted); font-size: 12px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
main { flex: 1; min-height: 0; display: flex; }
#left { flex: 1; min-width: 0; min-height: 0; display: flex; flex-direction: column; }
#canvas { flex: 1; min-width: 0; min-height: 0; overflow: auto; padding: 8px; }
#progress { border-bottom: 1px solid var(--line); padding: 4px 12px; }
#progress > summary, #details summary { cursor: pointer; color: var(--muted); font-size: 12px; letter-spacing: .04em; text-transform: uppercase; }
#details details { margin-top: 18px; }
#details summary { margin-bottom: 6px; }
#filters {
  display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; padding: 8px 20px; border-bottom: 1px solid var(--line);
  background: var(--panel); color: var(--muted);
}
#filters label { display: inline-flex; align-items: center; gap: 6px; }
#filters .grow { flex: 1 1 180px; max-width: 360px; }
#filters .grow input { flex: 1; min-width: 0; }
.buttons { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px; margin-left: auto; }
#matches { margin-right: 6px; font-variant-numeric: tabular-nums; }
input, select, button {
  font: inherit; color: var(--text); background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 3px 8px;
}
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
input[aria-invalid='true'] { border-color: var(--failed); }
:is(input, select, button, summary, pre, #details):focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.left-out { margin: 0; padding: 6px 20px; border-bottom: 1px solid var(--line); color: var(--muted); }
#details {
  width: min(46%, 760px); overflow: auto; padding: 16px 20px 40px; border-left: 1px solid var(--line);
  background: var(--panel); outline-offset: -3px;
}
@media (max-width: 800px) {
  html, body { height: auto; }
  header, #filters { padding-left: 14px; padding-right: 14px; }
  main { flex-direction: column; }
  #canvas { max-height: 60vh; overscroll-behavior: contain; }
  #details { width: auto; border-left: 0; border-top: 1px solid var(--line); padding: 14px; }
  .buttons { margin-left: 0; }
  .facts { flex-direction: column; }
  .keys { display: none !important; }
}
svg { display: block; font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
svg text { fill: var(--text); stroke: var(--ground); stroke-width: 4px; paint-order: stroke; font-variant-numeric: tabular-nums; }
.id { font-weight: 700; }
.edges { fill: none; stroke: var(--edge); stroke-width: 1.2; }
.best-path { stroke: var(--best); stroke-width: 3; }
.on-best-path .id { fill: var(--best); }
.frame { fill: none; stroke: var(--accent); stroke-width: 2; }
.cut { fill: none; stroke: var(--text); stroke-width: 2.5; stroke-linecap: round; }
.node.pruned .shape, .node.pruned text { opacity: .45; }
.node.pruned text { text-decoration: line-through; stroke: none; }
.filtered .node:not(.match) { opacity: .16; }
.filtered .edges { opacity: .4; }
.filtered .match .hit { fill: color-mix(in srgb, var(--best) 14%, transparent); }
#chart { height: 170px; }
#chart .grid { stroke: var(--line); stroke-width: 1; }
#chart .tick { fill: var(--muted); font-size: 11px; }
#chart .points { fill: none; stroke-width: 7; stroke-linecap: round; }
#chart .points.pruned { stroke: var(--edge); stroke-width: 4; }
#chart .best-line { fill: none; stroke: var(--best); stroke-width: 2; stroke-linejoin: round; }
#chart-chosen { fill: none; stroke: var(--text); stroke-width: 2; }
.hit { fill: transparent; }
.node { cursor: pointer; outline: none; }
.shape { stroke: var(--ground); stroke-width: 1.5; }
.failed .shape { fill: none; stroke: var(--failed); stroke-width: 3; stroke-linecap: round; }
.failed text { fill: var(--muted); }
.in_flight .shape { fill: var(--ground); stroke: var(--accent); stroke-width: 2; stroke-dasharray: 3 2; }
.doubt { font-weight: 800; font-size: 13px; pointer-events: none; }
.node .doubt { fill: var(--text); stroke: var(--ground); stroke-width: 3px; }
.warning { margin: 8px 0 0; color: var(--failed); font-weight: 600; max-width: 110ch; }
.ring { fill: none; stroke: var(--best); stroke-width: 2.5; }
.best text { font-weight: 700; }
.node:hover .hit { fill: color-mix(in srgb, var(--accent) 12%, transparent); }
.node[aria-selected='true'] .hit { fill: color-mix(in srgb, var(--accent) 22%, transparent); }
.node:focus-visible .hit { stroke: var(--accent); stroke-width: 2; }
pre {
  margin: 0; padding: 10px 12px; overflow: auto; max-height: 60vh; background: var(--ground); border: 1px solid var(--line);
  border-radius: 6px; font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; tab-size: 4;
}
pre.diff { padding-left: 0; padding-right: 0; }
pre.diff span { display: block; padding: 0 12px; min-width: max-content; }
pre.diff .came { background: var(--came); }
pre.diff .went { background: var(--went); }
pre.diff .place { color: var(--muted); }
.neighbours { margin: 8px 0 0; color: var(--muted); }
pre.words { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
table.facts-table { border-collapse: collapse; }
.facts-table th { padding: 1px 14px 1px 0; text-align: left; font-weight: 400; color: var(--muted); vertical-align: top; white-space: nowrap; }
.facts-table td { padding: 1px 0; overflow-wrap: anywhere; }
.hint { color: var(--muted); }
`;
