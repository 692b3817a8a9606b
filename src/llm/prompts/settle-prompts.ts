import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../domain/failure-type';
import type { ArtifactStore } from '../../store/artifact-store';
import { runKeys } from '../../store/run-keys';
import { readOwnTemplates } from './own-templates';
import { TEMPLATE_ENDING } from './prompt-templates';

/**
 * Copies the templates of a directory into the run, which works with the copies from then on. Doing it again begins
 * anew; null leaves the run with coppice's own.
 *
 * @throws ApplicationFailure `InvalidTask`, for good, when one of them is wrong
 */
export async function settlePrompts(store: ArtifactStore, runId: string, directory: string | null): Promise<void> {
  const { prompts } = runKeys(runId);
  await store.remove(prompts);
  if (directory === null) return;
  const own = await readOwnTemplates(directory);
  if (!own.ok) throw ApplicationFailure.nonRetryable(own.message, FailureType.InvalidTask);
  for (const [name, text] of own.texts) await store.write(`${prompts}/${name}${TEMPLATE_ENDING}`, text);
}
