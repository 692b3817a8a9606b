import { EVALUATION_WORDS, scoreInWords, selectionInWords } from './evaluation-words';
import { formatSeconds } from '../domain/format';
import { escapeHtml } from './html-escape';
import { isolationInWords, notHiddenInWords } from './isolation-words';
import { bestOf, recordsOf } from './run-view';
import type { RunView } from './run-view';
import { colourAt } from './score-colour';
import type { TreePicture } from './tree-picture';
import { noneInWords, stateInWords } from './words';
import { isWrittenOffline, writersInWords } from './writers';

/** The head of the page: what the run is, what came of it, how to read the tree and how to find one's way in it. */
export function treeHeader(picture: TreePicture): string {
  const { view } = picture;
  const notHidden = notHiddenInWords(view);
  const list = runFacts(view)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
  return `<header>
<h1>${escapeHtml(view.runId)}</h1>
<p class="goal">${escapeHtml(view.run.task.goal)}</p>
<dl class="facts">${list}</dl>
${notHidden === null ? '' : `<p class="warning">Warning: ${escapeHtml(notHidden)}</p>`}
${legend(picture)}
</header>`;
}

function runFacts(view: RunView): [string, string][] {
  const { run, state } = view;
  const best = bestOf(view);
  const records = recordsOf(view);
  const failed = records.filter((record) => record.status === 'failed').length;
  const selected = state?.selection == null ? null : selectionInWords(state.selection, view.evaluation?.kind);
  const isolation = isolationInWords(view);
  return [
    ['Best', best === null ? noneInWords(state) : `${scoreInWords(best.metric, best.standardError)} (node ${best.id})`],
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
}

/** Signs that the tree does not show are left out. */
function legend({ view, drawn, pruned }: TreePicture): string {
  const swatches = [0, 0.25, 0.5, 0.75, 1]
    .map((share, index) => `<circle cx="${8 + index * 15}" cy="8" r="6" fill="${colourAt(share)}"/>`)
    .join('');
  const icon = (content: string, width = 18): string =>
    `<svg width="${width}" height="16" viewBox="0 0 ${width} 16" aria-hidden="true">${content}</svg>`;
  const mark = (content: string): string => icon(`<g transform="translate(9,8) scale(.75)">${content}</g>`);
  const hasInjected = drawn.some(({ operator }) => operator === 'inject');
  const hasDoubted = recordsOf(view).some(({ marks }) => marks.length > 0);
  return `<p class="legend">
<span>worst ${icon(swatches, 76)} best score</span>
<span class="best">${mark('<circle class="ring" r="9"/>')} best node</span>
<span>${icon('<path class="edges best-path" d="M2,8H16"/>')} way to it</span>
<span class="failed">${mark('<path class="shape" d="M-6,-6 6,6M-6,6 6,-6"/>')} failed</span>
${hasDoubted ? `<span>${mark('<text class="doubt" x="-3" y="6">!</text>')} doubted</span>` : ''}
<span class="in_flight">${mark('<path class="shape" d="M0,-8 8,0 0,8 -8,0z"/>')} in flight</span>
${hasInjected ? `<span>${mark('<rect class="frame" x="-9" y="-9" width="18" height="18" rx="3"/>')} injected by a person</span>` : ''}
${pruned.size > 0 ? `<span>${mark('<path class="cut" d="M-10,8 10,-8"/>')} pruned by a person</span>` : ''}
<span class="keys">keys: arrows and Enter, / find, n p matches, b best, + − 0 size</span>
</p>`;
}

/** Filters, the way through their matches, and the size of the drawing. Their behaviour is the page's script. */
export function treeToolbar({ leftOut, drawn, view }: TreePicture): string {
  const state = (value: string, label: string): string => `<option value="${value}">${label}</option>`;
  const total = view.nodes.length;
  const left =
    leftOut === 0
      ? ''
      : `<p class="left-out">${drawn.length} of ${total} nodes are drawn: the best, those in flight, the last ones and the best scores. The chart has all.</p>`;
  return `<form id="filters" role="search" aria-label="Find nodes">
<label class="grow">Find <input id="find" type="search" placeholder="words, node 12, timeout …" autocomplete="off"></label>
<label>State <select id="state">${[
    state('', 'any'),
    state('working', 'working'),
    state('failed', 'failed'),
    state('in_flight', 'in flight'),
    state('doubted', 'doubted'),
    state('pruned', 'pruned'),
    state('best-path', 'way to the best'),
  ].join('')}</select></label>
<label>Made as <select id="operator">${['', 'draft', 'improve', 'debug', 'inject']
    .map((operator) => state(operator, operator === '' ? 'any' : operator))
    .join('')}</select></label>
<label>Score from <input id="least" inputmode="decimal" size="7" autocomplete="off"></label>
<label>to <input id="most" inputmode="decimal" size="7" autocomplete="off"></label>
<span class="buttons">
<output id="matches" aria-live="polite"></output>
<button type="button" id="previous" title="Previous match (p)">‹</button>
<button type="button" id="next" title="Next match (n)">›</button>
<button type="button" id="to-best" title="The best node (b)">Best</button>
<button type="button" id="smaller" title="Smaller (-)">−</button>
<button type="button" id="larger" title="Larger (+)">+</button>
<button type="button" id="fit" title="The whole tree (0)">Fit</button>
<button type="reset" title="No filter (Esc)">Clear</button>
</span>
</form>
${left}`;
}
