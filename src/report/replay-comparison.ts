import type { NodeRecord } from '../domain/node-record';
import type { RecordedOutcome, ReplayFile, ReplayedNode } from '../domain/replay-file';

/** How far a replay came to what its source has recorded. */
export interface ReplayAgreement {
  /** Nodes that came to exactly the same status, reason and score. */
  readonly agree: number;
  readonly differing: readonly ReplayedNode[];
  /** Nodes whose scripts did not run again. */
  readonly missing: number;
  /** Largest difference of two scores of a node; null where no node has both. */
  readonly largestDifference: number | null;
}

/** Holds the records of a replay against those of its source. */
export function compareReplay(file: ReplayFile, records: readonly NodeRecord[]): ReplayFile {
  const byId = new Map(records.map((record) => [record.id, record]));
  return {
    ...file,
    nodes: file.nodes.map((node) => {
      const record = byId.get(node.id);
      if (record === undefined) return { ...node, replayed: null, same: null };
      const { status, reason, metric } = record;
      const replayed = { status, reason, metric };
      return { ...node, replayed, same: isSame(node.recorded, replayed) };
    }),
  };
}

export function replayAgreement({ nodes }: ReplayFile): ReplayAgreement {
  const differences = nodes.map(scoreDifference).filter((difference) => difference !== null);
  return {
    agree: nodes.filter(({ same }) => same === true).length,
    differing: nodes.filter(({ same }) => same === false),
    missing: nodes.filter(({ same }) => same === null).length,
    largestDifference: differences.length === 0 ? null : Math.max(...differences),
  };
}

/** How far the two scores of a node are apart; null when it does not have both. */
export function scoreDifference({ recorded, replayed }: ReplayedNode): number | null {
  if (recorded.metric === null || replayed?.metric == null) return null;
  return Math.abs(replayed.metric - recorded.metric);
}

function isSame(recorded: RecordedOutcome, replayed: RecordedOutcome): boolean {
  return (
    recorded.status === replayed.status && recorded.reason === replayed.reason && recorded.metric === replayed.metric
  );
}
