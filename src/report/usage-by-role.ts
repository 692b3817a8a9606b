import type { NodeRecord } from '../domain/node-record';
import { forPurposes, type Purpose } from '../domain/purpose';
import { NO_USAGE, addUsage, type Usage } from '../domain/usage';
import type { ArtifactStore } from '../store/artifact-store';
import { readDigests } from '../store/stored-digests';
import { readStoryUsage } from '../store/stored-story';

/** What each role used, as far as it is recorded: calls of nodes that are not recorded yet are left out. */
export type UsageByRole = Readonly<Record<Purpose, Usage>>;

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
  const digests = await readDigests(store, runId);
  const sums = usageOfRecords(records);
  sums.digest = digests.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  sums.report = await readStoryUsage(store, runId);
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
