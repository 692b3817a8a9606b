import type { NodeRecord } from '../domain/node-record';
import type { RunSpec } from '../domain/run-spec';
import { counted } from '../domain/format';

type Fork = NonNullable<RunSpec['fork']>;

/** The nodes of a run that had been recorded when this one was, itself included; none when it is not recorded. */
export function takenOver(records: readonly NodeRecord[], node: number): NodeRecord[] {
  const last = records.find(({ id }) => id === node);
  return last === undefined ? [] : records.filter(({ completion }) => completion <= last.completion);
}

/** How many steps of a search the nodes are: scripts that people brought are none. */
export function searchSteps(nodes: readonly Pick<NodeRecord, 'operator'>[]): number {
  return nodes.filter(({ operator }) => operator !== 'inject').length;
}

/** Says that a fork would have no step left to make; null when it has some. */
export function noStepLeft({ run, node }: Fork, taken: number, steps: number): string | null {
  if (steps > taken) return null;
  return (
    `${counted(taken, 'node')} of run "${run}" are taken over up to node ${node}, and ${counted(steps, 'step')} in all ` +
    `leave none to make: ask for at least ${taken + 1} with --steps`
  );
}
