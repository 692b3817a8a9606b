import { z } from 'zod';
import type { FailureReason } from './failure-reason';
import type { Operator } from './operator';

/**
 * The solution tree as columns, index `id - 1`: the form that crosses continue-as-new and comes back from the files
 * after a recovery. About 30 bytes a node, so that 20,000 nodes stay far below the 2 MiB payload limit.
 *
 * - `parents`: id of the parent, 0 for none
 * - `operators`: one letter a node, `-` for a hole (an id whose node is not decided yet)
 * - `outcomes`: one letter a node: `.` in flight, `w` working, one for each failure reason, `-` for a hole
 * - `metrics`: the score of a working node, else null
 */
export const treeColumnsSchema = z.object({
  parents: z.array(z.int().min(0)),
  operators: z.string(),
  outcomes: z.string(),
  metrics: z.array(z.number().nullable()),
});
export type TreeColumns = z.infer<typeof treeColumnsSchema>;

/** What was decided, and nothing of what came of it. */
export type DecisionColumns = Pick<TreeColumns, 'parents' | 'operators'>;

/** One decision: which node, made how, from which one. */
export type DecidedNode = Pick<TreeNode, 'id' | 'operator' | 'parent'>;

/** One row of the columns; null stands for a hole. */
export interface TreeNode {
  readonly id: number;
  readonly operator: Operator;
  /** Null for a draft. */
  readonly parent: number | null;
  readonly status: 'in_flight' | 'working' | 'failed';
  readonly reason: FailureReason | null;
  readonly metric: number | null;
}

const HOLE = '-';
const IN_FLIGHT = '.';
const WORKING = 'w';

const OPERATOR_LETTERS: readonly (readonly [Operator, string])[] = [
  ['draft', 'd'],
  ['improve', 'i'],
  ['debug', 'b'],
  ['inject', 'j'],
];

const REASON_LETTERS: readonly (readonly [FailureReason, string])[] = [
  ['no_code', 'c'],
  ['exception', 'x'],
  ['timeout', 't'],
  ['killed', 'k'],
  ['out_of_memory', 'm'],
  ['no_metric', 'n'],
  ['bad_metric', 'b'],
  ['no_submission', 's'],
  ['bad_submission', 'u'],
  ['reviewer_bug', 'r'],
  ['disk_limit', 'f'],
  ['process_limit', 'p'],
  ['evaluation_failed', 'e'],
  ['model_refused', 'l'],
];

export function toTreeColumns(nodes: readonly (TreeNode | null)[]): TreeColumns {
  return {
    parents: nodes.map((node) => node?.parent ?? 0),
    operators: nodes.map((node) => (node === null ? HOLE : letterOf(OPERATOR_LETTERS, node.operator))).join(''),
    outcomes: nodes.map(outcomeLetter).join(''),
    metrics: nodes.map((node) => node?.metric ?? null),
  };
}

export function fromTreeColumns(columns: TreeColumns): (TreeNode | null)[] {
  return fromDecisionColumns(columns).map((decided, index) => {
    if (decided === null) return null;
    const letter = columns.outcomes.charAt(index);
    return {
      ...decided,
      status: letter === WORKING ? 'working' : letter === IN_FLIGHT ? 'in_flight' : 'failed',
      reason: nameOf(REASON_LETTERS, letter),
      metric: columns.metrics[index] ?? null,
    };
  });
}

/** The decisions alone; null stands for a hole. */
export function fromDecisionColumns({ parents, operators }: DecisionColumns): (DecidedNode | null)[] {
  return parents.map((parent, index) => {
    const operator = nameOf(OPERATOR_LETTERS, operators.charAt(index));
    return operator === null ? null : { id: index + 1, operator, parent: parent === 0 ? null : parent };
  });
}

function outcomeLetter(node: TreeNode | null): string {
  if (node === null) return HOLE;
  if (node.reason !== null) return letterOf(REASON_LETTERS, node.reason);
  return node.status === 'working' ? WORKING : IN_FLIGHT;
}

function letterOf<Name>(letters: readonly (readonly [Name, string])[], name: Name): string {
  return letters.find(([candidate]) => candidate === name)?.[1] ?? HOLE;
}

function nameOf<Name>(letters: readonly (readonly [Name, string])[], letter: string): Name | null {
  return letters.find(([, candidate]) => candidate === letter)?.[0] ?? null;
}
