import type { NoticesFile, NotifyWay } from '../domain/notice';
import { NOTIFY_WAYS, noticesFileSchema } from '../domain/notice';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { runKeys } from '../store/run-keys';
import { counted } from '../domain/format';

/**
 * How telling people of a run went, a line for each way; none for a run that tells nobody.
 *
 * @throws StoreError when a file cannot be read
 */
export async function noticeLines(store: ArtifactStore, runId: string): Promise<string[]> {
  const lines = await Promise.all(
    NOTIFY_WAYS.map(async (way) => {
      const file = await readJson(store, runKeys(runId).notices(way), noticesFileSchema);
      return file === null ? null : lineOf(way, file);
    }),
  );
  return lines.filter((line) => line !== null);
}

function lineOf(way: NotifyWay, { sent, failed, lastFailure }: NoticesFile): string {
  const told = `${counted(sent, 'notice')} by ${way}`;
  if (lastFailure === null) return told;
  return `${told}, ${failed} failed; last at ${lastFailure.at} (${lastFailure.event}): ${lastFailure.message}`;
}
