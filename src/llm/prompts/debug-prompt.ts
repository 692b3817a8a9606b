import type { ChatMessage } from '../model';
import { budgetText, systemMessage } from './common-parts';
import { cutMiddle, outputExcerpt } from './excerpt';
import { memoryText } from './memory-text';
import { previewText } from './preview-text';
import type { ParentMaterial, PromptMaterial } from './prompt-material';
import { codeSection, REASON_WORDS, sections } from './wording';

const PLAN_LIMIT = 1500;
const OUTPUT_LIMIT = 5000;
const MESSAGE_LIMIT = 1500;

/** Asks for the repair of a failed script. */
export function debugPrompt(material: PromptMaterial, parent: ParentMaterial): ChatMessage[] {
  const { run } = material;
  const request = [
    `Repair the script of #${parent.id}. Name in the plan the cause of the failure and what you change to remove it. ` +
      'Keep the approach: change only what the repair needs, and do not swap the model or the features for others. ' +
      'Look for the same mistake elsewhere in the script before you answer.',
    'When repairs are listed above that did not help, do not try them again.',
    parent.reason === 'timeout'
      ? 'Make the same approach cheaper: fewer rounds or folds, a sample of the rows, or a faster implementation.'
      : '',
    budgetText(material),
    'Answer with the whole repaired script, not with a patch.',
  ].filter((paragraph) => paragraph !== '');
  const user = sections([
    ['The data', previewText(run.preview, run.task)],
    ['Tried so far', memoryText(material.memory)],
    [`Script #${parent.id}`, `${cutMiddle(parent.plan.trim(), PLAN_LIMIT)}\n\n${codeSection(parent.code)}`],
    [`How script #${parent.id} failed`, failureText(parent)],
    [`Output of script #${parent.id}`, outputExcerpt(parent.output, OUTPUT_LIMIT) || '(it printed nothing)'],
    ['What to do now', request.join('\n\n')],
  ]);
  return [
    { role: 'system', content: systemMessage(run) },
    { role: 'user', content: user },
  ];
}

function failureText(parent: ParentMaterial): string {
  const reason = parent.reason === null ? 'unknown reason' : `${REASON_WORDS[parent.reason]} (${parent.reason})`;
  return [`${reason}.`, cutMiddle(parent.message, MESSAGE_LIMIT), cutMiddle(parent.summary, MESSAGE_LIMIT)]
    .filter((line) => line !== '')
    .join('\n\n');
}
