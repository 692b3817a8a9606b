import type { ResolvedModel } from '../domain/resolved-model';
import { countMessageTokens } from './count-tokens';
import type { ChatMessage, ModelRequest } from './model';
import { MOST_SHRUNK, promptBudget, type PromptBudget } from './prompts/prompt-budget';

/** Tokens kept free for an answer when the model has no limit of its own for it. */
const ROOM_FOR_AN_ANSWER = 4000;

/** What prompts are made of, for a budget. */
export type RenderMessages = (budget: PromptBudget) => readonly ChatMessage[];

/**
 * The messages of a request in the largest size that the model's context takes, as far as that is known; at most what
 * `shrunk` leaves.
 */
export function fittingMessages(
  target: ResolvedModel,
  shrunk: number,
  render: RenderMessages,
): Pick<ModelRequest, 'messages' | 'estimatedTokens' | 'shrunk'> {
  const messages = render(promptBudget(shrunk));
  const estimatedTokens = countMessageTokens(messages);
  const { contextTokens } = target;
  const room = contextTokens === null ? Infinity : contextTokens - (target.maxTokens ?? ROOM_FOR_AN_ANSWER);
  if (estimatedTokens <= room || shrunk >= MOST_SHRUNK) return { messages, estimatedTokens, shrunk };
  return fittingMessages(target, shrunk + 1, render);
}
