import type { ChatMessage } from '../model';
import { cutMiddle } from './excerpt';

const ANSWER_LIMIT = 8000;

/** The first prompt of a step with its last unusable answer and what was wrong with it: the same length at any ask. */
export function reaskPrompt(
  first: readonly ChatMessage[],
  answer: string,
  problem: string,
  expected: string,
): ChatMessage[] {
  return [
    ...first,
    { role: 'assistant', content: cutMiddle(answer, ANSWER_LIMIT) || '(empty)' },
    { role: 'user', content: `Your answer cannot be used: ${problem}. ${expected}` },
  ];
}
