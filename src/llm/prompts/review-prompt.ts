import type { EvaluationKind } from '../../domain/evaluation';
import type { ChatMessage } from '../model';
import { taskText } from './common-parts';
import { cutMiddle, outputExcerpt } from './excerpt';
import type { ReviewMaterial } from './prompt-material';
import { bugRule } from './scoring-rules';
import { codeSection, durationText, REASON_WORDS, scoreText, sections } from './wording';

const PLAN_LIMIT = 2000;
const CODE_LIMIT = 20_000;
const OUTPUT_LIMIT = 5000;
const MESSAGE_LIMIT = 1500;

/** Asks for a verdict on a finished script; the score itself is never the reviewer's to set. */
export function reviewPrompt(material: ReviewMaterial): ChatMessage[] {
  const system = [
    'You review machine-learning scripts after they ran. You judge whether the score of a script can be ' +
      'trusted, and you sum up what was learnt. You do not set the score.',
    `# Task of the scripts\n\n${taskText(material.run.task)}`,
    `# How to judge\n\n${howToJudge(material.run.evaluation)}`,
    `# How to answer\n\n${HOW_TO_ANSWER}`,
  ].join('\n\n');
  const user = sections([
    ['Plan of the script', cutMiddle(material.plan.trim(), PLAN_LIMIT)],
    ['The script', codeSection(cutMiddle(material.code, CODE_LIMIT))],
    ['Its output', outputExcerpt(material.output, OUTPUT_LIMIT) || '(it printed nothing)'],
    ['How it ended', endText(material)],
  ]);
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ];
}

function howToJudge(evaluation: EvaluationKind): string {
  const rules = [
    bugRule(evaluation),
    'A weak score, plain code or a slow run is no bug. When in doubt, it is none.',
    'For a script that failed the verdict does not matter; say what went wrong and where.',
  ];
  return rules.map((rule) => `- ${rule}`).join('\n');
}

const HOW_TO_ANSWER =
  'Answer with one JSON object and nothing else: {"is_bug": true or false, "summary": "two or three sentences, at most ' +
  '600 characters: what was tried, how it did, and what to keep or to avoid next"}';

function endText(material: ReviewMaterial): string {
  const seconds = durationText(material.scriptSeconds);
  if (material.status === 'ok') {
    const score = material.metric === null ? 'no score' : scoreText(material.metric);
    const how = material.run.evaluation === 'reported' ? 'reported' : 'was scored with';
    return `It ended well after ${seconds} and ${how} ${material.run.task.metric} = ${score}.`;
  }
  const reason = material.reason === null ? 'unknown reason' : `${REASON_WORDS[material.reason]} (${material.reason})`;
  return `It failed after ${seconds}: ${reason}. ${cutMiddle(material.message, MESSAGE_LIMIT)}`.trimEnd();
}
