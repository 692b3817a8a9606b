import { countTokens } from '../count-tokens';
import { cutToTokens } from './excerpt';
import type { RememberedNode } from './prompt-material';
import { reasonName, scoreText } from './wording';

/** Most tokens of one entry. */
const LONGEST_ENTRY = 45;

/** Of these the part that says what was changed; the rest is what was learnt. */
const LONGEST_CHANGE = 16;

/**
 * What was tried, within `limit` tokens: nodes come in with the most valuable first, and from the first that does not
 * fit on they are left out. What stays is told in the order in which it was tried.
 */
export function memoryText(nodes: readonly RememberedNode[], limit: number): string {
  const kept: { readonly id: number; readonly text: string }[] = [];
  let left = limit;
  for (const node of nodes) {
    const text = entryText(node, LONGEST_ENTRY);
    left -= countTokens(text) + 1;
    if (left < 0) break;
    kept.push({ id: node.id, text });
  }
  return inOrder(kept);
}

/** The nodes in the order of their ids, each in at most `tokensEach` tokens; for digest and report. */
export function resultsText(nodes: readonly RememberedNode[], tokensEach: number): string {
  return inOrder(nodes.map((node) => ({ id: node.id, text: entryText(node, tokensEach) })));
}

/** A node in a line: who it is, how it ended, what it changed and what was learnt. */
export function entryText(node: RememberedNode, limit: number): string {
  const kind = node.parent === null ? node.operator : `${node.operator} of #${node.parent}`;
  const pruned = node.pruned === true ? ", taken out by the search's owner" : '';
  const head = `#${node.id} (${kind}, ${outcomeText(node)}${pruned})`;
  return cutToTokens(`- ${head}: ${wordsOf(node)}`.replace(/\s+/g, ' '), limit);
}

function inOrder(entries: readonly { readonly id: number; readonly text: string }[]): string {
  return [...entries]
    .sort((left, right) => left.id - right.id)
    .map(({ text }) => text)
    .join('\n');
}

function wordsOf({ lesson, title, summary, message }: RememberedNode): string {
  if (lesson !== null) {
    const change = lesson.change === '' ? lesson.idea : lesson.change;
    return [cutToTokens(change, LONGEST_CHANGE), lesson.lesson].filter((words) => words !== '').join(' → ');
  }
  const learnt = summary === '' ? message : summary;
  return learnt === '' ? title : `${cutToTokens(title, LONGEST_CHANGE)} → ${learnt}`;
}

function outcomeText(node: RememberedNode): string {
  if (node.status === 'in_flight') return 'being tried now';
  if (node.reason !== null) return `failed: ${reasonName(node.reason)}`;
  return node.metric === null ? 'failed' : scoreText(node.metric);
}
