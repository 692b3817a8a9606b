import type { Task } from '../../domain/task';
import { cutMiddle } from './excerpt';
import type { PromptMaterial, RunMaterial } from './prompt-material';
import { scoringRules } from './scoring-rules';
import { surroundingsRules } from './surroundings-rules';
import { directionWords, durationText } from './wording';

const GOAL_LIMIT = 20_000;
const PACKAGES_LIMIT = 3000;

/** The message that opens every prompt of a run and is the same in all of them. */
export function systemMessage(run: RunMaterial): string {
  return [
    'You are a careful machine-learning engineer. You write complete Python scripts that are run and scored; the ' +
      'best scored script of the whole search is handed in.',
    `# Task\n\n${taskText(run.task)}`,
    `# How your script is run\n\n${rulesText(run)}`,
    `# How to answer\n\n${ANSWER_FORMAT}`,
  ].join('\n\n');
}

/** Goal and measure of a task. */
export function taskText(task: Task): string {
  const columns = [
    task.target === null ? '' : `The column to predict is \`${task.target}\`.`,
    task.id === null ? '' : `The column \`${task.id}\` identifies a row.`,
  ].filter((line) => line !== '');
  return [
    cutMiddle(task.goal.trim(), GOAL_LIMIT),
    `The measure is ${task.metric}: ${directionWords(task.direction)}. Nothing else counts.`,
    ...columns,
  ].join('\n\n');
}

/** Where the search stands; part of the request, since it changes with every prompt. */
export function budgetText(material: PromptMaterial): string {
  const steps = `${material.stepsDone} of ${material.stepsTotal} attempts are done.`;
  if (material.secondsLeft === null) return steps;
  return `${steps} The search has ${durationText(material.secondsLeft)} left; a script that needs longer is lost.`;
}

const ANSWER_FORMAT =
  'First the plan: three to five sentences of plain text, the first of which names the idea. Then exactly one block ' +
  'fenced by ```python and ``` with the whole script, from its imports to its last line. Write nothing after it, and ' +
  'use no other fenced block.';

function rulesText(run: RunMaterial): string {
  const { task } = run;
  const packages = Object.entries(run.packages)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  const rules = [
    'It is one file, run as `python solution.py` in a directory of its own. Nothing is left there from earlier scripts.',
    'The data lie in `./input`, which can only be read. Everything it writes goes into `./working`, which it creates ' +
      'itself when it is missing.',
    ...scoringRules(run.evaluation, task),
    submissionRule(task),
    `It may run for ${durationText(run.scriptLimitSeconds)} at most and is ended then; it should need far less.`,
    `It is run by Python ${run.python} with the standard library and, besides it, only these packages: ` +
      `${packages === '' ? 'none' : cutMiddle(packages, PACKAGES_LIMIT)}.`,
    ...surroundingsRules(task),
  ];
  return rules
    .filter((rule) => rule !== '')
    .map((rule) => `- ${rule}`)
    .join('\n');
}

function submissionRule(task: Task): string {
  if (task.sample !== null) {
    const source = task.test === null ? '' : ` for the rows of \`./input/${task.test}\``;
    return (
      `It writes its predictions${source} to \`./working/submission.csv\`, in the format of \`./input/${task.sample}\`: ` +
      'the same columns, the same rows and ids, no missing values. Without that file the script has failed.'
    );
  }
  if (task.test === null) return '';
  return `It writes its predictions for the rows of \`./input/${task.test}\` to \`./working/submission.csv\`.`;
}
