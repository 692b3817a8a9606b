import type { NodeRecord } from '../domain/node-record';
import { forPurposes, type Purpose } from '../domain/purpose';
import { NO_USAGE, addUsage, type Usage } from '../domain/usage';
import { writtenFileSchema } from '../domain/written-file';
import type { ArtifactStore } from '../store/artifact-store';
import { readJson } from '../store/json-file';
import { mapBounded } from '../store/map-bounded';
import { listNumbers } from '../store/node-ids';
import { runKeys } from '../store/run-keys';

/** What each role used, as far as it is recorded: calls of nodes that are not recorded yet are left out. */
export type UsageByRole = Readonly<Record<Purpose, Usage>>;

const READS_AT_ONCE = 32;

/**
 * Adds up the usage of the records, of the digests and of the story.
 *
 * @throws StoreError when a file cannot be read or does not have the expected shape
 */
export async function loadUsageByRole(
  store: ArtifactStore,
  runId: string,
  records: readonly NodeRecord[],
): Promise<UsageByRole> {
  const keys = runKeys(runId);
  const digests = (await listNumbers(store, keys.digests)).map((upTo) => keys.digest(upTo).record);
  const sums = { ...usageOfRecords(records) };
  sums.digest = await usageOfTexts(store, digests);
  sums.report = await usageOfTexts(store, [keys.story.record]);
  return sums;
}

/** A record holds the reviewer's share beside the whole; the rest is the operator's. */
function usageOfRecords(records: readonly NodeRecord[]): Record<Purpose, Usage> {
  const sums = forPurposes(() => NO_USAGE);
  for (const { operator, usage, reviewUsage } of records) {
    // A script that a person brought cost no call of its own.
    if (operator !== 'inject') sums[operator] = addUsage(sums[operator], lessUsage(usage, reviewUsage));
    sums.review = addUsage(sums.review, reviewUsage);
  }
  return sums;
}

async function usageOfTexts(store: ArtifactStore, records: readonly string[]): Promise<Usage> {
  const files = await mapBounded(records, READS_AT_ONCE, (key) => readJson(store, key, writtenFileSchema));
  return files.reduce((sum, file) => addUsage(sum, file?.usage ?? NO_USAGE), NO_USAGE);
}

function lessUsage(whole: Usage, part: Usage): Usage {
  return {
    calls: whole.calls - part.calls,
    promptTokens: whole.promptTokens - part.promptTokens,
    completionTokens: whole.completionTokens - part.completionTokens,
    cachedTokens: whole.cachedTokens - part.cachedTokens,
    reasoningTokens: whole.reasoningTokens - part.reasoningTokens,
    costUsd: whole.costUsd === null || part.costUsd === null ? null : Math.max(0, whole.costUsd - part.costUsd),
  };
}
