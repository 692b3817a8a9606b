import { cutEnd } from './excerpt';
import type { RememberedNode } from './prompt-material';
import { REASON_WORDS, scoreText } from './wording';

/** Most characters that earlier nodes take of a prompt. */
export const MEMORY_LIMIT = 6000;

const LONGEST_ENTRY = 300;

/**
 * What was tried, within `MEMORY_LIMIT` characters: nodes come in with the most valuable first, and those that do not
 * fit are left out from the end. What stays is told in the order in which it was tried.
 */
export function memoryText(nodes: readonly RememberedNode[]): string {
  let length = 0;
  const kept = nodes
    .map((node) => ({ id: node.id, text: entryText(node) }))
    .filter(({ text }) => {
      length += text.length + 1;
      return length <= MEMORY_LIMIT;
    });
  return kept
    .sort((left, right) => left.id - right.id)
    .map(({ text }) => text)
    .join('\n');
}

function entryText(node: RememberedNode): string {
  const kind = node.parent === null ? node.operator : `${node.operator} of #${node.parent}`;
  const title = cutEnd(node.title, LONGEST_ENTRY);
  const words = cutEnd(node.summary === '' ? title : `${title} — ${node.summary}`, LONGEST_ENTRY);
  return `- #${node.id} (${kind}; ${outcomeText(node)}): ${words.replace(/\s+/g, ' ')}`;
}

function outcomeText(node: RememberedNode): string {
  if (node.status === 'in_flight') return 'being tried now';
  if (node.reason !== null) return `failed: ${REASON_WORDS[node.reason]}`;
  return node.metric === null ? 'failed' : `score ${scoreText(node.metric)}`;
}
