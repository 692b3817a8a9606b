import { plainText } from '../domain/plain-text';
import { isOffline } from '../domain/resolved-model';
import { createTwoFilesPatch } from 'diff';
import { counted, formatDollars, formatSeconds } from '../domain/format';
import { jsonForScript } from './html-escape';
import type { NodeTexts } from './node-texts';
import type { NodeView } from './run-view';
import { scoreFacts } from './score-facts';
import type { TreePicture } from './tree-picture';
import { notedInWords, titleOf } from './tree-words';
import { originInWords, outcomeInWords } from './words';

/** Most characters of plans, scripts, differences and outputs on one page, so that browsers open it. */
const MOST_CHARACTERS = 48_000_000;

/** Longest that the difference of two scripts may take to find, in milliseconds; then the page does without. */
const DIFF_LIMIT_MS = 100;

const CONTEXT_LINES = 3;

/**
 * What the page shows of each node once it is chosen: as JSON, one element a node, which becomes page content only
 * then. On a page that would get too large the nodes that matter least come without their texts.
 */
export function treeDetails(picture: TreePicture, texts: readonly NodeTexts[]): string {
  const textsById = new Map(texts.map((nodeTexts) => [nodeTexts.id, nodeTexts]));
  let left = MOST_CHARACTERS;
  const elements = byImportance(picture).map((node) => {
    const nodeTexts = textsById.get(node.id) ?? null;
    const parentTexts = node.parent === null ? null : (textsById.get(node.parent) ?? null);
    const whole = left > 0 ? textDetails(node, nodeTexts, parentTexts) : NO_TEXTS;
    const details = {
      title: `Node ${node.id}: ${titleOf(node)}`,
      facts: nodeFacts(node, nodeTexts, picture),
      ...whole,
    };
    const element = `<script type="application/json" id="texts-${node.id}">${jsonForScript(details)}</script>`;
    left -= element.length;
    return element;
  });
  return elements.join('\n');
}

/** The way to the best first, then the newest. */
function byImportance({ drawn, bestPath }: TreePicture): NodeView[] {
  const rank = ({ id }: NodeView): number => (bestPath.has(id) ? Infinity : id);
  return [...drawn].sort((left, right) => rank(right) - rank(left) || right.id - left.id);
}

interface TextDetails {
  readonly plan: string | null;
  /** The hints in force when it was written. */
  readonly hints: string | null;
  readonly review: string | null;
  readonly diff: string | null;
  readonly code: string | null;
  readonly output: string | null;
  readonly leftOut?: true;
}

const NO_TEXTS: TextDetails = {
  plan: null,
  hints: null,
  review: null,
  diff: null,
  code: null,
  output: null,
  leftOut: true,
};

function textDetails(node: NodeView, texts: NodeTexts | null, parent: NodeTexts | null): TextDetails {
  return {
    plan: texts?.plan ?? null,
    hints: texts === null || texts.hints.length === 0 ? null : texts.hints.join('\n\n'),
    review: texts?.review?.summary ?? (node.status === 'in_flight' ? null : node.record.summary),
    diff: diffToParent(node, texts?.code ?? null, parent?.code ?? null),
    code: texts?.code ?? null,
    output: texts?.output == null ? null : plainText(texts.output),
  };
}

/** Hunks alone: the page says whose they are. Null where there is no parent, no change, or the difference is too large. */
function diffToParent(node: NodeView, code: string | null, before: string | null): string | null {
  if (node.parent === null || code === null || before === null || code === before) return null;
  const patch = createTwoFilesPatch('', '', before, code, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: DIFF_LIMIT_MS,
  });
  const start = patch?.indexOf('@@') ?? -1;
  return patch === undefined || start === -1 ? null : patch.slice(start);
}

function nodeFacts(node: NodeView, texts: NodeTexts | null, { view, pruned }: TreePicture): [string, string][] {
  const facts: [string, string][] = [
    ['Made as', originInWords(node)],
    ...(pruned.has(node.id)
      ? [['Pruned', 'by a person, with all that descends from it'] satisfies [string, string]]
      : []),
    ['Started', node.startedAt],
  ];
  if (node.status === 'in_flight') return facts;
  const { record } = node;
  facts.push(['Outcome', outcomeInWords(record)]);
  if (record.metric !== null) facts.push(...scoreFacts(record, view));
  if (texts?.notes != null) facts.push(...notedFacts(texts.notes));
  if (record.message !== '') facts.push(['Message', record.message]);
  if (record.scriptSeconds !== null) facts.push(['Script ran', formatSeconds(record.scriptSeconds)]);
  if (texts?.review != null) facts.push(['Review', texts.review.verdict]);
  if (record.usage.calls > 0 && !isOffline(view.run.models)) {
    const { calls, promptTokens, completionTokens, costUsd } = record.usage;
    const cost = costUsd === null ? '' : `, ${formatDollars(costUsd)}`;
    facts.push(['Model', `${counted(calls, 'call')}, ${promptTokens} + ${completionTokens} tokens${cost}`]);
  }
  return facts;
}

function notedFacts(notes: NonNullable<NodeTexts['notes']>): [string, string][] {
  const scores = notedInWords(notes);
  return [
    ...(scores === '' ? [] : [['Noted', scores] satisfies [string, string]]),
    ...(notes.text === '' ? [] : [['Note', notes.text] satisfies [string, string]]),
  ];
}
