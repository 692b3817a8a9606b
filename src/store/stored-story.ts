import type { Usage } from '../domain/usage';
import { NO_USAGE } from '../domain/usage';
import { writtenFileSchema } from '../domain/written-file';
import type { ArtifactStore } from './artifact-store';
import { readJson } from './json-file';
import { runKeys } from './run-keys';

/**
 * What the story of a run used; nothing before it is told.
 *
 * @throws StoreError when the file cannot be read or does not have the expected shape
 */
export async function readStoryUsage(store: ArtifactStore, runId: string): Promise<Usage> {
  return (await readJson(store, runKeys(runId).story.record, writtenFileSchema))?.usage ?? NO_USAGE;
}
