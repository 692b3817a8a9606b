import type { ChatMessage } from '../model';
import { budgetText, systemMessage } from './common-parts';
import { cutMiddle, outputExcerpt } from './excerpt';
import { memoryText } from './memory-text';
import { previewText } from './preview-text';
import type { ParentMaterial, PromptMaterial } from './prompt-material';
import { codeSection, scoreText, sections } from './wording';

const PLAN_LIMIT = 1500;
const OUTPUT_LIMIT = 3000;

/** Asks for one change to a working script. */
export function improvePrompt(material: PromptMaterial, parent: ParentMaterial): ChatMessage[] {
  const { run } = material;
  const score = parent.metric === null ? 'unknown' : scoreText(parent.metric);
  const request = [
    `Improve the script of #${parent.id}, whose ${run.task.metric} is ${score}, by exactly one change that can be ` +
      'judged by itself: one feature, one treatment, one model or one setting. Say in the plan what you change and why ' +
      'it should help. Leave everything else as it is, also how the score is measured, so that the two scores compare.',
    'Do not repeat a change that is listed above, nor one that failed there.',
    budgetText(material),
    'Answer with the whole changed script, not with a patch.',
  ].join('\n\n');
  const user = sections([
    ['The data', previewText(run.preview, run.task)],
    ['Tried so far', memoryText(material.memory)],
    [`Script #${parent.id}`, `${cutMiddle(parent.plan.trim(), PLAN_LIMIT)}\n\n${codeSection(parent.code)}`],
    [`Output of script #${parent.id}`, outputExcerpt(parent.output, OUTPUT_LIMIT)],
    [`Review of script #${parent.id}`, parent.summary],
    ['What to do now', request],
  ]);
  return [
    { role: 'system', content: systemMessage(run) },
    { role: 'user', content: user },
  ];
}
