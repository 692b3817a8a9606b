import { cutMiddle, cutToTokens } from './excerpt';
import { memoryText } from './memory-text';
import { outputExcerpt } from './output-excerpt';
import { previewText } from './preview-text';
import type { PromptBudget } from './prompt-budget';
import type { ParentMaterial, ProposalMaterial } from './prompt-material';
import type { TemplateVariables } from './prompt-templates';
import { scriptVariables, taskVariables } from './task-variables';
import { durationText, failureText, scoreText } from './wording';

/** Most tokens that hints take: the owner's own words are not cut unless they are a book. */
const HINTS_LIMIT = 2000;

/** Most tokens of the parent's plan: its first sentences name the idea, and the script itself stands below. */
const PLAN_LIMIT = 50;

/** What the templates `draft`, `improve` and `debug` are rendered with. */
export function proposalVariables(material: ProposalMaterial, budget: PromptBudget): TemplateVariables {
  const { run, parent, siblingsSoFar, hints } = material;
  return {
    ...taskVariables(run.task, run.evaluation, budget),
    ...scriptVariables(run, budget),
    data: previewText(run.preview, run.task, { limit: budget.preview, samples: run.samples }),
    digest: cutToTokens(material.digest.trim(), budget.digest),
    parent: parent === null ? null : parentVariables(parent, budget),
    tried: memoryText(material.memory, Math.floor(material.memoryTokens * budget.memoryShare)),
    budget: budgetVariables(material),
    siblings: siblingsSoFar,
    boldness: boldnessOf(siblingsSoFar),
    hints: cutMiddle(hints.map((hint) => `- ${hint.trim()}`).join('\n'), HINTS_LIMIT),
  };
}

/**
 * How daring the request is: the more children a parent has, the bolder, since the near ideas are taken. The steps are
 * those of AIRA's prompt-adaptive complexity (Toledo et al. 2025, arXiv 2507.02554).
 */
export function boldnessOf(siblingsSoFar: number): 'simple' | 'moderate' | 'bold' {
  if (siblingsSoFar < 2) return 'simple';
  return siblingsSoFar < 4 ? 'moderate' : 'bold';
}

function parentVariables(parent: ParentMaterial, budget: PromptBudget): TemplateVariables {
  const message = cutMiddle(parent.message.trim(), budget.words);
  return {
    id: parent.id,
    plan: cutToTokens(parent.plan.trim(), Math.min(budget.plan, PLAN_LIMIT)),
    code: cutMiddle(parent.code.trimEnd(), budget.code),
    score: parent.metric === null ? 'unknown' : scoreText(parent.metric),
    reason: parent.reason,
    failure: failureOf(parent, message, budget),
    message,
    output: outputExcerpt(parent.output, budget.output),
    lesson: cutMiddle(parent.lesson.trim(), budget.words),
  };
}

function failureOf(parent: ParentMaterial, message: string, budget: PromptBudget): string {
  const lesson = cutMiddle(parent.lesson.trim(), budget.words);
  // Without a reviewer's words what is known of a failed node is made of its message.
  return [failureText(parent.reason, message), message !== '' && lesson.includes(message) ? '' : lesson]
    .filter((text) => text !== '')
    .join('\n\n');
}

function budgetVariables({ stepsDone, stepsTotal, secondsLeft, moneyLeft }: ProposalMaterial): TemplateVariables {
  const { tokens, costUsd } = moneyLeft;
  return {
    done: stepsDone,
    total: stepsTotal,
    time: secondsLeft === null ? null : durationText(secondsLeft),
    tokens: tokens === null ? null : Number(tokens.toPrecision(2)),
    cost: costUsd === null ? null : `$${Number(costUsd.toPrecision(2))}`,
  };
}
