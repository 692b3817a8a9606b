import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Purpose } from '../../domain/purpose';
import { PURPOSES } from '../../domain/purpose';
import { errorCode } from '../../store/store-error';
import { shippedTemplates, templateName } from './load-templates';
import { isShared, PromptTemplates, TEMPLATE_ENDING, TemplateProblem, type TemplateTexts } from './prompt-templates';
import { sampleVariables } from './sample-material';

/** Far more than any template needs; keeps a data file given by mistake from being read whole. */
const MOST_BYTES = 256 * 1024;

const HELP = 'docs/prompts.md tells what there is';

export type OwnTemplates =
  | { readonly ok: true; readonly texts: TemplateTexts }
  /** One line: what is wrong, in which file and line, and what to do. */
  | { readonly ok: false; readonly message: string };

/**
 * Reads the templates that a directory holds in place of coppice's own and tries each with samples of all that it may
 * meet.
 *
 * @throws only what the owner of the directory cannot mend, such as a failing disk
 */
export async function readOwnTemplates(directory: string): Promise<OwnTemplates> {
  const files = await templateFiles(directory);
  if (files === null) return wrong(`Prompts directory ${directory} does not exist or is none; correct the path.`);
  const texts = new Map<string, string>();
  for (const file of files) {
    const place = path.join(directory, file);
    const name = templateName(file);
    if (!isShared(name) && !isPurpose(name)) {
      return wrong(`${place} replaces no prompt; there are ${PURPOSES.join(', ')}, and names that begin with "_".`);
    }
    if ((await stat(place)).size > MOST_BYTES) return wrong(`Prompt template ${place} is larger than 256 KiB.`);
    texts.set(name, await readFile(place, 'utf8'));
  }
  if (texts.size === 0) return wrong(`Prompts directory ${directory} holds no file *${TEMPLATE_ENDING}; ${HELP}.`);
  const problem = await firstProblem(texts);
  return problem === null ? { ok: true, texts } : wrong(describe(directory, texts, problem));
}

async function templateFiles(directory: string): Promise<string[] | null> {
  try {
    return (await readdir(directory)).filter((file) => file.endsWith(TEMPLATE_ENDING)).sort();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
    throw error;
  }
}

/** Renders every prompt: what others include may break them, too. */
async function firstProblem(own: TemplateTexts): Promise<TemplateProblem | null> {
  const templates = new PromptTemplates(new Map([...(await shippedTemplates()), ...own]));
  for (const purpose of PURPOSES) {
    for (const variables of sampleVariables(purpose)) {
      const problem = problemWith(templates, purpose, variables);
      if (problem !== null) return problem;
    }
  }
  return null;
}

function problemWith(
  templates: PromptTemplates,
  purpose: Purpose,
  variables: Readonly<Record<string, unknown>>,
): TemplateProblem | null {
  try {
    const messages = templates.render(purpose, variables);
    if (messages.some(({ role }) => role === 'user')) return null;
    return new TemplateProblem(purpose, null, 'the part "user" is empty');
  } catch (error) {
    if (error instanceof TemplateProblem) return error;
    throw error;
  }
}

function describe(directory: string, own: TemplateTexts, { template, line, message }: TemplateProblem): string {
  const where = own.has(template) ? path.join(directory, `${template}${TEMPLATE_ENDING}`) : `${template} of coppice`;
  return `Prompt template ${where}${line === null ? '' : `, line ${line}`}: ${message}; ${HELP}.`;
}

function isPurpose(name: string): name is Purpose {
  return PURPOSES.some((purpose) => purpose === name);
}

function wrong(message: string): OwnTemplates {
  return { ok: false, message };
}
