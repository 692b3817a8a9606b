import { cutMiddle, cutToTokens } from './excerpt';
import { outputExcerpt } from './output-excerpt';
import type { PromptBudget } from './prompt-budget';
import type { ReviewMaterial } from './prompt-material';
import type { TemplateVariables } from './prompt-templates';
import { aroundFailure, changesAgainst } from './script-excerpt';
import { nodeLine, taskVariables } from './task-variables';
import { durationText, failureText, scoreText } from './wording';

/** Shares of a prompt's budget: a verdict needs less of the output and of the plan than the next script does. */
const OUTPUT_SHARE = 0.7;

/** Most tokens of the goal: what the scripts are for, without the details of their files. */
const GOAL_LIMIT = 60;

/** Most tokens of a script of which only how it failed is to be told. */
const FAILED_CODE_LIMIT = 1500;

/** What the template `review` is rendered with. */
export function reviewVariables(material: ReviewMaterial, budget: PromptBudget): TemplateVariables {
  const { task, evaluation, metric, reason, parent, best } = material;
  const message = cutMiddle(material.message.trim(), budget.words);
  const shortened = { ...task, goal: cutToTokens(task.goal.trim(), GOAL_LIMIT) };
  return {
    ...taskVariables(shortened, evaluation, budget),
    node: {
      plan: cutMiddle(material.plan.trim(), budget.plan),
      ...scriptParts(material, budget),
      output: outputExcerpt(material.output, Math.floor(budget.output * OUTPUT_SHARE)),
      status: material.status,
      score: metric === null ? 'unknown' : scoreText(metric),
      seconds: durationText(material.scriptSeconds),
      reason,
      failure: material.status === 'ok' ? '' : failureText(reason, message),
    },
    parent: nodeLine(parent),
    best: nodeLine(best),
  };
}

/**
 * As much of the script as a verdict needs. A failure is told by the lines around it. Where a script's own score counts,
 * all of it is looked at; where the score is measured apart from it, what it changes of the working script that it goes
 * back to, which was reviewed before, says what was learnt at a third of the price.
 */
function scriptParts(material: ReviewMaterial, budget: PromptBudget): TemplateVariables {
  const { status, code, output, evaluation, origin } = material;
  const nothingElse = { changes: '', changed: null };
  if (status === 'failed') {
    return { code: aroundFailure(code, output) ?? cutMiddle(code.trimEnd(), FAILED_CODE_LIMIT), ...nothingElse };
  }
  const whole = { code: cutMiddle(code.trimEnd(), budget.code), ...nothingElse };
  if (evaluation === 'reported' || origin === null) return whole;
  const changes = changesAgainst(origin.code, code);
  return changes === null ? whole : { ...whole, changes: cutMiddle(changes, budget.code), changed: origin.id };
}
