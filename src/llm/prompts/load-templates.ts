import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactStore } from '../../store/artifact-store';
import { runKeys } from '../../store/run-keys';
import { PromptTemplates, TEMPLATE_ENDING, type TemplateTexts } from './prompt-templates';

/** The templates that coppice brings along; beside lib and src alike. */
const SHIPPED_DIRECTORY = path.resolve(__dirname, '..', '..', '..', 'prompts');

/**
 * The templates of a run: coppice's own, each replaced by the run's copy where it has one.
 *
 * @throws StoreError when the run's copies cannot be read
 */
export async function loadTemplates(store: ArtifactStore, runId: string): Promise<PromptTemplates> {
  const { prompts } = runKeys(runId);
  const names = (await store.list(prompts)).filter((file) => file.endsWith(TEMPLATE_ENDING));
  const own = new Map<string, string>();
  for (const file of names) {
    const text = await store.read(`${prompts}/${file}`);
    if (text !== null) own.set(templateName(file), text.toString('utf8'));
  }
  return new PromptTemplates(new Map([...(await shippedTemplates()), ...own]));
}

/** The templates that coppice brings along. */
export async function shippedTemplates(): Promise<TemplateTexts> {
  const files = (await readdir(SHIPPED_DIRECTORY)).filter((file) => file.endsWith(TEMPLATE_ENDING));
  const texts = await Promise.all(files.map((file) => readFile(path.join(SHIPPED_DIRECTORY, file), 'utf8')));
  return new Map(files.map((file, index) => [templateName(file), texts[index] ?? '']));
}

/** `draft` of `draft.liquid`. */
export function templateName(file: string): string {
  return file.slice(0, -TEMPLATE_ENDING.length);
}
