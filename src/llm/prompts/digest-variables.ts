import { cutToTokens } from './excerpt';
import { resultsText } from './memory-text';
import type { PromptBudget } from './prompt-budget';
import type { DigestMaterial, StoryMaterial } from './prompt-material';
import type { TemplateVariables } from './prompt-templates';
import { nodeLine, taskVariables } from './task-variables';

/** Longest digest that is asked for, in words; in tokens it then stays below what a prompt has room for. */
export const DIGEST_WORDS = 240;

/** Most tokens of the goal in prompts that are about results. */
const GOAL_LIMIT = 200;

/** Most tokens of one result; fewer where there are many. */
const RESULT_LIMIT = 50;
const RESULTS_LIMIT = 3000;

const STOP_WORDS: Readonly<Record<NonNullable<StoryMaterial['stopReason']>, string>> = {
  steps: 'all its steps were made',
  time: 'its time was up',
  target: 'it reached the score that was asked for',
  patience: 'nothing better had come for long',
  tokens: 'its tokens were used up',
  cost: 'its money was spent',
  stopped: 'its owner stopped it',
  cancelled: 'its owner cancelled it',
};

/** What the template `digest` is rendered with. */
export function digestVariables(material: DigestMaterial, budget: PromptBudget): TemplateVariables {
  return {
    // How scores come about makes no difference to what is told of them.
    ...taskVariables(material.task, 'reported', { ...budget, goal: Math.min(budget.goal, GOAL_LIMIT) }),
    digest: cutToTokens(material.digest.trim(), budget.digest),
    results: results(material, budget),
    best: nodeLine(material.best),
    words: DIGEST_WORDS,
  };
}

/** What the template `report` is rendered with. */
export function storyVariables(material: StoryMaterial, budget: PromptBudget): TemplateVariables {
  const { working, failed, stopReason } = material;
  const search = { working, failed, stopped: stopReason === null ? '' : STOP_WORDS[stopReason] };
  return { ...digestVariables(material, budget), search };
}

function results({ nodes }: DigestMaterial, budget: PromptBudget): string {
  const share = Math.floor((RESULTS_LIMIT * budget.words) / 300 / Math.max(nodes.length, 1));
  return resultsText(nodes, Math.min(RESULT_LIMIT, share));
}
