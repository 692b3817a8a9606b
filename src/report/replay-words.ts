import type { RecordedOutcome, ReplayFile } from '../domain/replay-file';
import { counted } from '../domain/format';
import { replayAgreement, scoreDifference } from './replay-comparison';

/** What a replay came to, in a sentence: `9 of 10 nodes of diamonds-1 came to exactly the same; …`. */
export function replayInWords(file: ReplayFile): string {
  const { agree, differing, missing, largestDifference } = replayAgreement(file);
  const of = `${agree} of ${counted(file.nodes.length, 'node')} of ${file.source} came to exactly the same`;
  return [
    of,
    ...(differing.length === 0 ? [] : [`${differing.length} did not`]),
    ...(missing === 0 ? [] : [`${missing} did not run again`]),
    ...(largestDifference === null ? [] : [`largest difference of a score: ${exactly(largestDifference)}`]),
  ].join('; ');
}

export const DIFFERENCE_HEADER = ['Node', 'Recorded', 'Now', 'Difference'] as const;

/** The nodes that came to something else, as rows below `DIFFERENCE_HEADER`. */
export function differenceRows(file: ReplayFile): string[][] {
  return replayAgreement(file).differing.map((node) => {
    const difference = scoreDifference(node);
    return [
      String(node.id),
      outcome(node.recorded),
      node.replayed === null ? '–' : outcome(node.replayed),
      difference === null ? '–' : exactly(difference),
    ];
  });
}

function outcome({ reason, metric }: RecordedOutcome): string {
  return reason === null ? exactly(metric) : `failed: ${reason}`;
}

/** All digits: two scores that look the same in short may differ. */
function exactly(metric: number | null): string {
  return metric === null ? '–' : String(metric);
}
