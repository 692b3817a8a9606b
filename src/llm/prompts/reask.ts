import { countMessageTokens } from '../count-tokens';
import type { ModelAnswer, ModelRequest } from '../model';
import { cutMiddle } from './excerpt';

/** Most tokens of an unusable answer that go back with the re-ask. */
const ANSWER_LIMIT = 2000;

/**
 * The next ask after an unusable answer: the step's first prompt, that answer and what was wrong with it. It has the
 * same length at any ask; its number is the caller's to set.
 *
 * @param problem completes "Your answer cannot be used: …"
 * @param expected what the next answer should look like
 * @param room most tokens of the next answer when this one was cut off; null when it was not
 */
export function reaskRequest(
  first: ModelRequest,
  answer: ModelAnswer,
  problem: string,
  expected: string,
  room: number | null,
): ModelRequest {
  const shorter = room === null ? '' : ' It was cut off before its end, so say only what is needed.';
  const messages = [
    ...first.messages,
    { role: 'assistant' as const, content: cutMiddle(answer.text, ANSWER_LIMIT) || '(empty)' },
    { role: 'user' as const, content: `Your answer cannot be used: ${problem}.${shorter} ${expected}` },
  ];
  const request = { ...first, messages, estimatedTokens: countMessageTokens(messages) };
  return room === null ? request : { ...request, maxTokens: room };
}
