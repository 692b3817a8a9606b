import type { NodeRecord } from '../domain/node-record';
import { withDescendants } from '../domain/with-descendants';
import type { RunView } from './run-view';
import { recordsOf } from './run-view';

/** Ids of the nodes that a person pruned, with all that descends from them. */
export function prunedIds({ state, nodes }: Pick<RunView, 'state' | 'nodes'>): ReadonlySet<number> {
  return withDescendants(state?.pruned ?? [], nodes);
}

/** Records of the finished nodes but for pruned ones, in order of id. */
export function countedRecords(view: Pick<RunView, 'state' | 'nodes'>): NodeRecord[] {
  const pruned = prunedIds(view);
  return recordsOf(view).filter(({ id }) => !pruned.has(id));
}
