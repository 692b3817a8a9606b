import { createHash } from 'node:crypto';
import { isOffline } from '../domain/resolved-model';
import { EVALUATION_WORDS, scoreInWords, selectionInWords } from './evaluation-words';
import { counted, formatDollars, formatSeconds } from './format';
import { escapeHtml, jsonForScript } from './html-escape';
import { isolationInWords, notHiddenInWords } from './isolation-words';
import type { NodeTexts } from './node-texts';
import type { NodeView, RunView } from './run-view';
import { bestOf, recordsOf } from './run-view';
import { colourAt } from './score-colour';
import { scoreFacts } from './score-facts';
import { TREE_PAGE_SCRIPT } from './tree-page-script';
import { TREE_PAGE_STYLE } from './tree-page-style';
import { renderTreeSvg } from './tree-svg';
import { originInWords, outcomeInWords, stateInWords } from './words';
import { isWrittenOffline, writersInWords } from './writers';

/**
 * `tree.html`: the solution tree as one file that needs neither a server nor the network. Choosing a node shows its
 * plan, code, output and review.
 */
export function renderTreeHtml(view: RunView, texts: readonly NodeTexts[]): string {
  const textsById = new Map(texts.map((nodeTexts) => [nodeTexts.id, nodeTexts]));
  const details = view.nodes.map((node) => nodeDetails(node, textsById.get(node.id) ?? null, view));
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
${pageHeader(view)}
<main>
<div id="canvas">
${view.nodes.length === 0 ? '<p class="hint">No node has begun yet.</p>' : renderTreeSvg(view)}
</div>
<aside id="details" tabindex="-1" aria-live="polite" aria-label="Details of the chosen node"><p class="hint">Choose a node to see its plan, code and output.</p></aside>
</main>
${details.join('\n')}
<script>${TREE_PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** Only the page's own style and script take effect: whatever a script or a model wrote stays text. */
function contentPolicy(): string {
  return `default-src 'none'; style-src '${hashOf(TREE_PAGE_STYLE)}'; script-src '${hashOf(TREE_PAGE_SCRIPT)}'`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function pageHeader(view: RunView): string {
  const { run, state } = view;
  const best = bestOf(view);
  const records = recordsOf(view);
  const failed = records.filter((record) => record.status === 'failed').length;
  const selected = state?.selection == null ? null : selectionInWords(state.selection, view.evaluation?.kind);
  const isolation = isolationInWords(view);
  const facts: [string, string][] = [
    ['Best', best === null ? 'none yet' : `${scoreInWords(best.metric, best.standardError)} (node ${best.id})`],
    ...(selected === null ? [] : [['Final selection', selected] satisfies [string, string]]),
    ['Metric', `${run.task.metric}, ${run.task.direction}`],
    ...(view.evaluation === null
      ? []
      : [['Scores', EVALUATION_WORDS[view.evaluation.kind]] satisfies [string, string]]),
    ['Nodes', `${records.length} of ${state?.stepsTotal ?? run.request.steps}, ${failed} failed`],
    ['State', stateInWords(state)],
    ['Working time', formatSeconds(state?.elapsedSeconds ?? 0)],
    ['Scripts by', isWrittenOffline(run) ? 'the offline model (no language model)' : writersInWords(run)],
    ...(isolation === null ? [] : [['Isolation', isolation] satisfies [string, string]]),
  ];
  const notHidden = notHiddenInWords(view);
  const list = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('');
  return `<header>
<h1>${escapeHtml(view.runId)}</h1>
<p class="goal">${escapeHtml(run.task.goal)}</p>
<dl class="facts">${list}</dl>
${notHidden === null ? '' : `<p class="warning">Warning: ${escapeHtml(notHidden)}</p>`}
${legend()}
</header>`;
}

function legend(): string {
  const swatches = [0, 0.25, 0.5, 0.75, 1]
    .map((share, index) => `<circle cx="${8 + index * 15}" cy="8" r="6" fill="${colourAt(share)}"/>`)
    .join('');
  const icon = (content: string, width = 18): string =>
    `<svg width="${width}" height="16" viewBox="0 0 ${width} 16" aria-hidden="true">${content}</svg>`;
  const mark = (content: string): string => icon(`<g transform="translate(9,8) scale(.75)">${content}</g>`);
  return `<p class="legend">
<span>worst ${icon(swatches, 76)} best score</span>
<span class="best">${mark('<circle class="ring" r="9"/>')} best node</span>
<span class="failed">${mark('<path class="shape" d="M-6,-6 6,6M-6,6 6,-6"/>')} failed</span>
<span class="doubted">${mark('<text class="doubt" x="-3" y="6">!</text>')} doubted</span>
<span class="in_flight">${mark('<path class="shape" d="M0,-8 8,0 0,8 -8,0z"/>')} in flight</span>
<span>Arrow keys move, Enter shows a node</span>
</p>`;
}

function nodeDetails(node: NodeView, texts: NodeTexts | null, view: RunView): string {
  const details = {
    title: `Node ${node.id}: ${node.status === 'in_flight' ? `in flight, ${node.stage}` : node.record.title}`,
    facts: nodeFacts(node, texts, view),
    plan: texts?.plan ?? null,
    code: texts?.code ?? null,
    output: texts?.output ?? null,
    review: texts?.review?.summary ?? (node.status === 'in_flight' ? null : node.record.summary),
  };
  return `<script type="application/json" id="texts-${node.id}">${jsonForScript(details)}</script>`;
}

function nodeFacts(node: NodeView, texts: NodeTexts | null, view: RunView): [string, string][] {
  const { run } = view;
  const facts: [string, string][] = [
    ['Made as', originInWords(node)],
    ['Started', node.startedAt],
  ];
  if (node.status === 'in_flight') return facts;
  const { record } = node;
  facts.push(['Outcome', outcomeInWords(record)]);
  if (record.metric !== null) facts.push(...scoreFacts(record, view));
  if (record.message !== '') facts.push(['Message', record.message]);
  if (record.scriptSeconds !== null) facts.push(['Script ran', formatSeconds(record.scriptSeconds)]);
  if (texts?.review != null) facts.push(['Review', texts.review.verdict]);
  if (record.usage.calls > 0 && !isOffline(run.models)) {
    const { calls, promptTokens, completionTokens, costUsd } = record.usage;
    const cost = costUsd === null ? '' : `, ${formatDollars(costUsd)}`;
    facts.push(['Model', `${counted(calls, 'call')}, ${promptTokens} + ${completionTokens} tokens${cost}`]);
  }
  return facts;
}
