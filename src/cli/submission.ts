import { prunedIds } from '../report/counted-records';
import type { NodeRecord } from '../domain/node-record';
import type { RunView } from '../report/run-view';
import { bestOf, candidateOf } from '../report/run-view';
import { stageInWords } from '../report/tree-words';
import { runKeys } from '../store/run-keys';
import { failed, wrongInput } from './command-failure';
import { requireNode } from './require-run';

/** The predictions of a node that are to be handed in. */
export interface Submission {
  readonly record: NodeRecord;
  /** Score of the final selection; null for nodes that it did not compare. */
  readonly selectionScore: number | null;
  /** Key of the file in the store. */
  readonly key: string;
  /** Whether the script had all the data to learn from, the rows included that were withheld in the search. */
  readonly isOnAllData: boolean;
}

/**
 * The submission of a node, or else of the run's answer.
 *
 * @param node as typed by a person; undefined for the answer
 * @throws CommandFailure when the node is unknown, failed, pruned or in flight, or no script worked
 */
export function chooseSubmission(view: RunView, node: string | undefined): Submission {
  const record = node === undefined ? answerOf(view) : workingRecord(view, node);
  const { id } = record;
  const isOnAllData = view.selection?.winner === id && view.selection.refit?.status === 'ok';
  const keys = runKeys(view.runId).node(id);
  return {
    record,
    selectionScore: candidateOf(view, id)?.selectionScore ?? null,
    key: isOnAllData ? keys.variant('refit').submission : keys.submission,
    isOnAllData,
  };
}

function answerOf(view: RunView): NodeRecord {
  const best = bestOf(view);
  if (best === null) throw failed(`run "${view.runId}" has nothing to submit: no script of it worked`);
  return best;
}

function workingRecord(view: RunView, text: string): NodeRecord {
  const node = requireNode(view, text);
  const { runId } = view;
  if (node.status === 'in_flight')
    throw wrongInput(
      `node ${node.id} of run "${runId}" ${node.stage === 'ended' ? stageInWords(node.stage) : 'is not finished yet'}`,
    );
  if (node.status === 'failed') {
    throw wrongInput(`node ${node.id} of run "${runId}" failed (${node.record.reason}); it has nothing to submit`);
  }
  if (prunedIds(view).has(node.id)) {
    throw wrongInput(
      `node ${node.id} of run "${runId}" is pruned, or descends from one that is; \`coppice prune … --undo\` takes that back`,
    );
  }
  return node.record;
}
