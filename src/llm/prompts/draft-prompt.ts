import type { ChatMessage } from '../model';
import { budgetText, systemMessage } from './common-parts';
import { memoryText } from './memory-text';
import { previewText } from './preview-text';
import type { PromptMaterial } from './prompt-material';
import { sections } from './wording';

const SIMPLE_MODEL =
  'Keep it simple and sound: one kind of model, sensible features, an honest validation. No ensembles, no search over ' +
  'settings and no exploration of the data yet; later steps improve what works.';

const SIMPLE_PROGRAM =
  'Keep it simple and sound: one idea, carried through, and nothing that the evaluation does not ask for; later steps ' +
  'improve what works.';

/** Asks for a fresh script with an idea of its own. */
export function draftPrompt(material: PromptMaterial): ChatMessage[] {
  const { run } = material;
  const tried = memoryText(material.memory);
  const substance = run.evaluation === 'command' ? 'its main idea' : 'kind of model or treatment of the data';
  const different =
    tried === ''
      ? 'It is the first attempt.'
      : `Choose an approach that differs in substance (${substance}) from every attempt above, and do not repeat what failed there.`;
  const request = [
    `Write a new solution. ${different}`,
    run.evaluation === 'command' ? SIMPLE_PROGRAM : SIMPLE_MODEL,
    budgetText(material),
  ].join('\n\n');
  const user = sections([
    ['The data', previewText(run.preview, run.task)],
    ['Tried so far', tried],
    ['What to do now', request],
  ]);
  return [
    { role: 'system', content: systemMessage(run) },
    { role: 'user', content: user },
  ];
}
