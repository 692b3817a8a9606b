import type { ArtifactStore } from '../store/artifact-store';
import { runKeys } from '../store/run-keys';
import type { BroughtFile } from './brought-files';

/**
 * Copies what a task brings along into the run, which works with the copies from then on: later edits of the originals
 * change nothing. Doing it again begins anew.
 *
 * @throws StoreError when a file cannot be copied
 */
export async function copyTaskFiles(store: ArtifactStore, runId: string, files: readonly BroughtFile[]): Promise<void> {
  const { task } = runKeys(runId);
  await store.remove(task);
  for (const { name, absolute } of files) await store.writeFile(`${task}/${name}`, absolute);
}
