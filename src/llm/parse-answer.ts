import { hasImport, splitAtScript } from './bare-script';
import { codeBlocks, type CodeBlock } from './code-blocks';
import { stripThinking } from './strip-thinking';

/** Longest script that is taken, in characters; every later prompt about the node repeats it whole. */
export const LONGEST_CODE = 60_000;

const LONGEST_PLAN = 4000;
const PYTHON = new Set(['python', 'py', 'python3', 'py3']);

export type ParsedAnswer =
  | { readonly ok: true; readonly plan: string; readonly code: string }
  /** `problem` is a sentence for the model, completing "Your answer cannot be used: …". */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads plan and script out of a model's answer. Python blocks count, and unlabelled ones when there are no others and
 * they import something; a script without any fence is taken when it cannot be anything else. Of several blocks, one
 * that makes up two thirds of the code is the script (the others are asides); else the script came in pieces, which
 * are joined in order. An open fence means that the answer was cut off.
 */
export function parseAnswer(text: string): ParsedAnswer {
  const answer = stripThinking(text.replaceAll('\r\n', '\n'));
  if (answer === '') return unusable('it holds no text besides reasoning');
  const blocks = scriptBlocks(codeBlocks(answer));
  if (blocks.some((block) => !block.closed)) {
    return unusable('it was cut off before the code block ended; write a shorter script and close the block');
  }
  if (blocks.length === 0) {
    const bare = splitAtScript(answer);
    return bare === null ? unusable('it has no ```python block') : usable(bare.before, bare.script);
  }
  const chosen = chooseBlocks(blocks);
  return usable(planAround(answer, chosen), chosen.map((block) => block.code.trim()).join('\n\n'));
}

function scriptBlocks(blocks: readonly CodeBlock[]): CodeBlock[] {
  const labelled = blocks.filter((block) => PYTHON.has(block.language));
  if (labelled.length > 0) return labelled;
  return blocks.filter((block) => block.language === '' && (!block.closed || hasImport(block.code)));
}

function chooseBlocks(blocks: readonly CodeBlock[]): readonly CodeBlock[] {
  const total = blocks.reduce((sum, block) => sum + block.code.length, 0);
  const longest = blocks.reduce((left, right) => (right.code.length > left.code.length ? right : left));
  return longest.code.length * 3 >= total * 2 ? [longest] : blocks;
}

/** The words before the script, else those after it. */
function planAround(answer: string, chosen: readonly CodeBlock[]): string {
  const lines = answer.split('\n');
  const before = lines.slice(0, chosen[0]?.startLine ?? 0).join('\n');
  if (before.trim() !== '') return before;
  return lines.slice(chosen.at(-1)?.endLine ?? lines.length).join('\n');
}

function usable(plan: string, code: string): ParsedAnswer {
  const script = code.trim();
  if (script === '') return unusable('its code block is empty');
  if (script.length > LONGEST_CODE) {
    return unusable(`its script is longer than ${LONGEST_CODE} characters; write a shorter one`);
  }
  return { ok: true, plan: cleanPlan(plan), code: `${script}\n` };
}

/** Without a heading that says no more than "Plan", so that the first line tells what the node does. */
function cleanPlan(plan: string): string {
  const text = plan.trim().replace(/^[#*_\s]*plan[*_:\s]*(?:\n+|:[*_\s]*)/i, '');
  return text === '' ? 'No plan was given.' : text.slice(0, LONGEST_PLAN);
}

function unusable(problem: string): ParsedAnswer {
  return { ok: false, problem };
}
